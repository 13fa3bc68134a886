"""The same scores as torchmetrics classes, for loops and processes that gather results piece by piece.

States are lists of rows that carry integer ids. A distributed sampler pads with repeats, so a row whose ids
were seen before counts once; rows may come in any order.
"""

from typing import ClassVar

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torchmetrics import Metric
from torchmetrics.utilities.data import dim_zero_cat

from benchmark.score.metrics import (
    Direction,
    MetricFacts,
    naming_facts,
    rank_mae,
    rank_mae_facts,
    selection_credits,
    selection_facts,
)
from finexl.errors import InvalidInputError


class RowMetric(Metric):
    """A metric over rows of a float64 table; `facts` hold direction, range, and what chance scores."""

    direction: ClassVar[Direction]
    is_differentiable: bool | None = False
    full_state_update: bool | None = False
    rows: list[Tensor]

    def __init__(self, facts: MetricFacts) -> None:
        super().__init__()
        self.facts = facts
        self.add_state("rows", default=[], dist_reduce_fx="cat")

    def chance(self) -> float:
        """Expected score of an answer without information."""
        return self.facts.chance

    def _table(self, n_ids: int) -> Tensor:
        """All rows, one for each combination of the first `n_ids` columns, sorted by them."""
        if not len(self.rows):
            raise InvalidInputError(f"`{self.facts.name}` needs at least one row. Call update() first.")
        table = dim_zero_cat(self.rows)
        seen = {tuple(row[:n_ids].tolist()): row for row in table}
        return torch.stack([seen[ids] for ids in sorted(seen)])


class RankMAE(RowMetric):
    """Mean over series of the mean distance between given and true rank; NaN scores are unreadable."""

    direction: ClassVar[Direction] = Direction.LOWER
    higher_is_better: bool | None = False

    def __init__(self, n_levels: int) -> None:
        super().__init__(rank_mae_facts(n_levels))

    def update(
        self, series: Int[Tensor, " b"], levels: Int[Tensor, " b"], scores: Float[Tensor, " b"]
    ) -> None:
        """Add models: the series and level of each, and the score it was read to have."""
        self.rows.append(torch.stack([series.double(), levels.double(), scores.double()], dim=1))

    def compute(self) -> Tensor:
        """RankMAE as a float64 scalar."""
        parts = _split(self._table(2))
        errors = [rank_mae(_optional(part[:, 2]), [int(level) for level in part[:, 1]]) for part in parts]
        return torch.tensor(errors, dtype=torch.float64).mean(dim=0)


class SelectionAccuracy(RowMetric):
    """Share of coordinates for which the right model is picked; a reading with a NaN is unreadable."""

    direction: ClassVar[Direction] = Direction.HIGHER
    higher_is_better: bool | None = True

    def __init__(self, n_models: int) -> None:
        super().__init__(selection_facts(n_models))

    def update(
        self, groups: Int[Tensor, " b"], coordinates: Int[Tensor, "b a"], readings: Float[Tensor, "b a"]
    ) -> None:
        """Add models: the group and true coordinate of each, and what was read from its explanation."""
        self.rows.append(
            torch.cat([groups.double()[:, None], coordinates.double(), readings.double()], dim=1)
        )

    def compute(self) -> Tensor:
        """SelectionAccuracy as a float64 scalar."""
        n_aspects = (dim_zero_cat(self.rows).shape[1] - 1) // 2 if len(self.rows) else 1
        credits: list[float] = []
        for part in _split(self._table(1 + n_aspects)):
            coordinates = [tuple(int(value) for value in row) for row in part[:, 1 : 1 + n_aspects]]
            readings = [
                None if row.isnan().any() else tuple(row.tolist()) for row in part[:, 1 + n_aspects :]
            ]
            credits.extend(selection_credits(readings, coordinates))
        return torch.tensor(credits, dtype=torch.float64).mean(dim=0)


class NamingAccuracy(RowMetric):
    """Share of explanations whose words name the true aspect; -1 = no aspect named."""

    direction: ClassVar[Direction] = Direction.HIGHER
    higher_is_better: bool | None = True

    def __init__(self, n_aspects: int) -> None:
        super().__init__(naming_facts(n_aspects))

    def update(self, trials: Int[Tensor, " b"], named: Int[Tensor, " b"], true: Int[Tensor, " b"]) -> None:
        """Add explanations: the trial, the index of the aspect named, and of the true one."""
        self.rows.append(torch.stack([trials, named, true], dim=1).double())

    def compute(self) -> Tensor:
        """NamingAccuracy as a float64 scalar."""
        table = self._table(1)
        return (table[:, 1] == table[:, 2]).double().mean(dim=0)


def _split(table: Tensor) -> list[Tensor]:
    """The rows of every id in the first column."""
    return [table[table[:, 0] == identity] for identity in table[:, 0].unique()]


def _optional(scores: Tensor) -> list[float | None]:
    return [None if score.isnan() else float(score) for score in scores]
