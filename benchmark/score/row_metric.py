"""The metrics as torchmetrics classes, for loops and processes that gather results piece by piece.

Rows stand under integer ids. A distributed sampler pads with repeats, so a row whose ids were seen before counts once;
rows may come in any order.
"""

from abc import abstractmethod
from collections.abc import Sequence
from statistics import fmean

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor
from torchmetrics import Metric
from torchmetrics.utilities.data import dim_zero_cat

from benchmark.score.claim_f1 import claim_f1, claim_f1_facts
from benchmark.score.claims import Answer, Levels
from benchmark.score.comparability import comparability, comparability_facts
from benchmark.score.facts import MetricFacts, Readings, Truths
from benchmark.score.false_alarms import FALSE_ALARM_FACTS, false_alarm
from benchmark.score.naming_accuracy import naming_accuracy, naming_facts
from benchmark.score.ordering_accuracy import ordering_credits, ordering_facts
from benchmark.score.rank_mae import rank_mae_facts, series_error
from benchmark.score.selection_accuracy import selection_credits, selection_facts
from benchmark.score.series import require_levels
from benchmark.score.top_naming import top_naming, top_naming_facts
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


class RankMAE(GroupMetric):
    """Mean over series of the mean distance between given and true rank."""

    higher_is_better: bool | None = False

    def __init__(self, n_levels: int) -> None:
        super().__init__(n_levels, rank_mae_facts(n_levels))

    def worth(self, truths: Truths, readings: Readings) -> Sequence[float]:
        """One error for the whole series: its models are ranked against each other."""
        return series_error(readings, truths)


class SelectionAccuracy(GroupMetric):
    """Share of coordinates for which the right model is picked; an unreadable model is a miss."""

    higher_is_better: bool | None = True

    def __init__(self, n_models: int) -> None:
        super().__init__(n_models, selection_facts(n_models))

    def worth(self, truths: Truths, readings: Readings) -> Sequence[float]:
        """A credit for every model's coordinate."""
        return selection_credits(readings, truths)


class OrderingAccuracy(GroupMetric):
    """Share of pairs of models, for each aspect that they differ in, whose order was read right."""

    higher_is_better: bool | None = True

    def __init__(self, n_models: int) -> None:
        require_levels(n_models)
        super().__init__(n_models, ordering_facts())

    def worth(self, truths: Truths, readings: Readings) -> Sequence[float]:
        """A credit for every aspect and two models that differ in it; none where nothing is known."""
        return ordering_credits(readings, truths)


class ClaimF1(ModelMetric):
    """Mean F1 of claims; chance is that of guesses at one true aspect among those of a vocabulary."""

    higher_is_better: bool | None = True

    def __init__(self, n_words: int) -> None:
        super().__init__(claim_f1_facts(n_words))

    def worth(self, answer: Answer, levels: Levels) -> float:
        return claim_f1(answer, levels)


class TopNaming(ModelMetric):
    """Share of models whose strongest claim is true; chance is to name the one true aspect of a vocabulary."""

    higher_is_better: bool | None = True

    def __init__(self, n_words: int) -> None:
        super().__init__(top_naming_facts(n_words))

    def worth(self, answer: Answer, levels: Levels) -> float:
        return top_naming(answer, levels)


class Comparability(RowMetric):
    """Share of pairs of models that differ in an aspect of which the claimed amounts are in the right order."""

    higher_is_better: bool | None = True

    def __init__(self) -> None:
        super().__init__(comparability_facts())

    def update(
        self,
        groups: Int[Tensor, " b"],
        models: Int[Tensor, " b"],
        levels: Float[Tensor, "b a"],
        amounts: Float[Tensor, "b a"],
    ) -> None:
        """Add models: the group and number of each, its levels (NaN = not compared) and what was claimed.

        Amounts are NaN where unreadable.
        """
        self.whole.append(torch.stack([groups, models], dim=1).long())
        self.numbers.append(torch.cat([levels, amounts], dim=1).double())

    def compute(self) -> Tensor:
        """Comparability as a float64 scalar."""
        rows = np.array([numbers for _, numbers in self._rows(2)])
        levels, amounts = np.split(rows, 2, axis=1)
        value = comparability(levels, amounts)
        if value is None:
            raise InvalidInputError(
                f"`{self.facts.name}` needs two models that differ in an aspect. Got none."
            )
        return torch.tensor(value, dtype=torch.float64)


class FalseAlarms(ModelMetric):
    """Share of models that nothing was done to about which something is claimed."""

    higher_is_better: bool | None = False

    def __init__(self) -> None:
        super().__init__(FALSE_ALARM_FACTS)

    def worth(self, answer: Answer, levels: Levels) -> float | None:
        return false_alarm(answer, levels)


class NamingAccuracy(RowMetric):
    """Share of explanations whose words name the true aspect; an aspect below 0 is none, which is never right."""

    higher_is_better: bool | None = True

    def __init__(self, n_aspects: int) -> None:
        super().__init__(naming_facts(n_aspects))

    def update(self, trials: Int[Tensor, " b"], named: Int[Tensor, " b"], true: Int[Tensor, " b"]) -> None:
        """Add explanations: the trial, the index of the aspect named, and of the true one."""
        self.whole.append(torch.stack([trials, named, true], dim=1).long())
        self.numbers.append(torch.empty(len(trials), 0, dtype=torch.float64))

    def update_names(self, named: Sequence[str | None], true: Sequence[str]) -> None:
        """Add explanations by the names of aspects, numbered in the order given; None = no aspect named."""
        index = {name: number for number, name in enumerate(dict.fromkeys([*true, *named]))}
        found = [-1 if name is None else index[name] for name in named]
        self.update(
            torch.arange(len(true)), torch.tensor(found), torch.tensor([index[name] for name in true])
        )

    def compute(self) -> Tensor:
        """NamingAccuracy as a float64 scalar."""
        named = [(given, true) for (_, given, true), _ in self._rows(1)]
        return torch.tensor(
            naming_accuracy(
                [None if given < 0 else given for given, _ in named], [true for _, true in named]
            ),
            dtype=torch.float64,
        )
