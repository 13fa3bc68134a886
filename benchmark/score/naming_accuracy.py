"""NamingAccuracy: whether the words of an explanation name the true aspect first."""

from collections.abc import Sequence

import torch
from jaxtyping import Int
from torch import Tensor

from benchmark.score.row_metric import MetricFacts, RowMetric, one_of, share_facts
from finexl.errors import InvalidInputError


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


def naming_facts(n_aspects: int) -> MetricFacts:
    """NamingAccuracy in a corpus of `n_aspects`."""
    return share_facts("naming_accuracy", one_of(n_aspects, "aspects"))


def naming_accuracy(named: Sequence[str | int | None], true: Sequence[str | int]) -> float:
    """Share of explanations whose words name the true aspect first; chance is 1 / number of aspects."""
    if not true or len(named) != len(true):
        raise InvalidInputError(
            "Naming accuracy needs one named aspect per true one, and at least one. "
            f"Got {len(named)} and {len(true)}."
        )
    return sum(given == wanted for given, wanted in zip(named, true, strict=True)) / len(true)
