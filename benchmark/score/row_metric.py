"""What the torchmetrics classes share: rows under integer ids.

The classes are torchmetrics', so that loops and processes can gather results piece by piece. A distributed sampler
pads with repeats, so a row whose ids were seen before counts once; rows may come in any order.
"""

from abc import abstractmethod
from collections.abc import Sequence
from statistics import fmean

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torchmetrics import Metric
from torchmetrics.utilities.data import dim_zero_cat

from benchmark.score.claims import Answer, Levels
from benchmark.score.facts import MetricFacts, Readings, Truths
from finexl.errors import InvalidInputError


class RowMetric(Metric):
    """A metric over rows of whole numbers, the first of which are ids, and rows of float64 numbers beside them."""

    is_differentiable: bool | None = False
    full_state_update: bool | None = False
    whole: list[Tensor]
    numbers: list[Tensor]

    def __init__(self, facts: MetricFacts) -> None:
        super().__init__()
        self.facts = facts
        # two states: float64 holds no more than 53 bits of an id
        self.add_state("whole", default=[], dist_reduce_fx="cat")
        self.add_state("numbers", default=[], dist_reduce_fx="cat")

    def chance(self) -> float:
        """Expected score of an answer without information."""
        return self.facts.chance

    def _rows(self, n_ids: int) -> list[tuple[list[int], list[float]]]:
        """The rows, one for each combination of the first `n_ids` whole numbers, sorted by them."""
        if not len(self.whole):
            raise InvalidInputError(f"`{self.facts.name}` needs at least one row. Call update() first.")
        whole, numbers = dim_zero_cat(self.whole).tolist(), dim_zero_cat(self.numbers).tolist()
        seen = {tuple(row[:n_ids]): (row, beside) for row, beside in zip(whole, numbers, strict=True)}
        return [seen[ids] for ids in sorted(seen)]


class GroupMetric(RowMetric):
    """A metric of groups of models whose readings are compared with each other.

    A subclass says what a group is worth: one number for each thing that is right or wrong on its own.
    """

    def __init__(self, n_models: int, facts: MetricFacts) -> None:
        super().__init__(facts)
        self.n_models = n_models

    def update(
        self,
        groups: Int[Tensor, " b"],
        models: Int[Tensor, " b"],
        truths: Int[Tensor, "b a"],
        readings: Float[Tensor, "b a"],
    ) -> None:
        """Add models: the group and number of each, what is true of it, and what was read; NaN = unreadable."""
        self.whole.append(torch.cat([groups[:, None], models[:, None], truths], dim=1).long())
        self.numbers.append(readings.double())

    def update_group(self, truths: Truths, readings: Readings, *, group: int = 0) -> None:
        """Add all models of one group in their order.

        Raises:
            InvalidInputError: A model has another number of readings than of truths.
        """
        n, n_aspects = len(truths), len(truths[0])
        rows = [[float("nan")] * n_aspects if reading is None else [*reading] for reading in readings]
        if [*map(len, rows)] != [*map(len, truths)]:
            raise InvalidInputError(
                f"`{self.facts.name}` needs one reading per aspect of every model. "
                f"Got {readings!r} for truths {truths!r}."
            )
        self.update(
            torch.full((n,), group),
            torch.arange(n),
            torch.tensor(truths, dtype=torch.long).reshape(n, n_aspects),
            torch.tensor(rows, dtype=torch.float64).reshape(n, n_aspects),
        )

    def units(self) -> list[list[float]]:
        """What every group is worth, group by group, in the order of their ids.

        Raises:
            InvalidInputError: There are no rows, or a group has more or fewer models than the metric is made for.
        """
        groups: dict[int, tuple[list[list[int]], list[list[float] | None]]] = {}
        for (group, _, *truth), reading in self._rows(2):
            truths, readings = groups.setdefault(group, ([], []))
            truths.append(truth)
            readings.append(None if any(value != value for value in reading) else reading)
        for group, (truths, _) in groups.items():
            if len(truths) != self.n_models:
                raise InvalidInputError(
                    f"Every group of `{self.facts.name}` over {self.n_models} models must have that many. "
                    f"Group {group} has {len(truths)}. Add the whole group, or make a metric of its size."
                )
        return [[*self.worth(truths, readings)] for truths, readings in groups.values()]

    @abstractmethod
    def worth(self, truths: Truths, readings: Readings) -> Sequence[float]:
        """What one group is worth."""

    def compute(self) -> Tensor:
        """The mean over groups of the mean of what a group is worth, as a float64 scalar."""
        means = [fmean(units) for units in self.units() if units]
        if not means:
            raise InvalidInputError(f"`{self.facts.name}` needs models of which a truth is known. Got none.")
        return torch.tensor(fmean(means), dtype=torch.float64)


class ModelMetric(RowMetric):
    """A metric of models, each judged by itself; the models of a group share one weight."""

    def update(
        self, groups: Int[Tensor, " b"], models: Int[Tensor, " b"], worths: Float[Tensor, " b"]
    ) -> None:
        """Add models: the group and number of each, and what it is worth."""
        self.whole.append(torch.stack([groups, models], dim=1).long())
        self.numbers.append(worths.double()[:, None])

    def update_group(self, answers: Sequence[Answer], truths: Sequence[Levels], *, group: int = 0) -> None:
        """Add all models of one group in their order; a model that the metric does not judge is left out."""
        judged = [
            (model, worth)
            for model, (answer, levels) in enumerate(zip(answers, truths, strict=True))
            if (worth := self.worth(answer, levels)) is not None
        ]
        self.update(
            torch.full((len(judged),), group),
            torch.tensor([model for model, _ in judged], dtype=torch.long),
            torch.tensor([worth for _, worth in judged], dtype=torch.float64),
        )

    @abstractmethod
    def worth(self, answer: Answer, levels: Levels) -> float | None:
        """What one model's answer is worth; None where this is no matter of the metric."""

    def compute(self) -> Tensor:
        """The mean over groups of the mean over their models, as a float64 scalar."""
        groups: dict[int, list[float]] = {}
        for (group, _), (worth,) in self._rows(2):
            groups.setdefault(group, []).append(worth)
        if not groups:
            raise InvalidInputError(f"`{self.facts.name}` needs at least one model that it judges. Got none.")
        return torch.tensor(fmean(map(fmean, groups.values())), dtype=torch.float64)
