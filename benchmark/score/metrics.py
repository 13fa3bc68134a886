"""The metrics as torchmetrics classes, for loops and processes that gather results piece by piece."""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from benchmark.score.claim_f1 import claim_f1, claim_f1_facts
from benchmark.score.claims import Answer, Levels
from benchmark.score.comparability import comparability, comparability_facts
from benchmark.score.facts import Readings, Truths
from benchmark.score.false_alarms import FALSE_ALARM_FACTS, false_alarm
from benchmark.score.naming_accuracy import naming_accuracy, naming_facts
from benchmark.score.ordering_accuracy import ordering_credits, ordering_facts
from benchmark.score.rank_mae import rank_mae_facts, series_error
from benchmark.score.row_metric import GroupMetric, ModelMetric, RowMetric
from benchmark.score.selection_accuracy import selection_credits, selection_facts
from benchmark.score.top_naming import top_naming, top_naming_facts
from finexl.errors import InvalidInputError


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
