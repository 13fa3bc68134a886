"""OrderingAccuracy: whether two models are ordered, aspect by aspect, like what is known of their training (§6.4)."""

from collections.abc import Sequence
from itertools import combinations

from benchmark.score.row_metric import TIE, GroupMetric, MetricFacts, Readings, Truths, share_facts
from benchmark.score.series import require_levels
from finexl.errors import InvalidInputError


class OrderingAccuracy(GroupMetric):
    """Share of pairs of models, for each aspect that they differ in, whose order was read right."""

    higher_is_better: bool | None = True

    def __init__(self, n_models: int) -> None:
        require_levels(n_models)
        super().__init__(n_models, ordering_facts())

    def worth(self, truths: Truths, readings: Readings) -> Sequence[float]:
        """A credit for every aspect and two models that differ in it; none where nothing is known."""
        return ordering_credits(readings, truths)


def ordering_facts() -> MetricFacts:
    """OrderingAccuracy, which is a matter of pairs however many models there are."""
    return share_facts("ordering_accuracy", 0.5)


def ordering_credits(readings: Readings, amounts: Truths) -> tuple[float, ...]:
    """For every aspect and two models that differ in it: 1 if the readings are ordered like the true amounts.

    Equal readings, and a model that is unreadable, say nothing of the order: 1/2, which is chance. The mean of
    the credits is OrderingAccuracy; there are none where no two models differ.
    """
    if len(readings) != len(amounts):
        raise InvalidInputError(
            f"There must be one reading per model. Got {len(readings)} for {len(amounts)} models."
        )
    models = combinations(zip(readings, amounts, strict=True), 2)
    return tuple(
        0.5 if one is None or other is None else _credit(one[index] - other[index], less - more)
        for (one, these), (other, those) in models
        for index, (less, more) in enumerate(zip(these, those, strict=True))
        if less != more
    )


def _credit(read: float, true: int) -> float:
    return 0.5 if abs(read) < TIE else float((read > 0) == (true > 0))
