"""OrderingAccuracy: whether two models are ordered, aspect by aspect, like what is known of their training (§6.4)."""

from itertools import combinations
from typing import TYPE_CHECKING

from benchmark.score.facts import TIE, MetricFacts, Readings, Truths, late, require_group, share_facts

if TYPE_CHECKING:
    from benchmark.score.row_metric import OrderingAccuracy as OrderingAccuracy


def ordering_facts() -> MetricFacts:
    """OrderingAccuracy, which is a matter of pairs however many models there are."""
    return share_facts("ordering_accuracy", 0.5)


def ordering_credits(readings: Readings, amounts: Truths) -> tuple[float, ...]:
    """For every aspect and two models that differ in it: 1 if the readings are ordered like the true amounts.

    Equal readings, and a model that is unreadable, say nothing of the order: 1/2, which is chance. The mean of
    the credits is OrderingAccuracy; there are none where no two models differ.

    Raises:
        InvalidInputError: Models do not have one finite number per aspect each.
    """
    require_group(readings, amounts)
    models = combinations(zip(readings, amounts, strict=True), 2)
    return tuple(
        0.5 if one is None or other is None else _credit(one[index] - other[index], less - more)
        for (one, these), (other, those) in models
        for index, (less, more) in enumerate(zip(these, those, strict=True))
        if less != more
    )


def _credit(read: float, true: int) -> float:
    return 0.5 if abs(read) < TIE else float((read > 0) == (true > 0))


def __getattr__(name: str) -> object:
    return late("OrderingAccuracy", name, module=__name__)
