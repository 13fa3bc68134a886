"""RankMAE: how far the ranks that models were read to have are from their true ones (App. C)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from benchmark.score.facts import Direction, MetricFacts, Readings, Truths, late, require_group
from benchmark.score.series import readable_scores, require_levels
from finexl.errors import InvalidInputError

if TYPE_CHECKING:
    from benchmark.score.row_metric import RankMAE as RankMAE


def rank_mae_facts(n_levels: int) -> MetricFacts:
    """RankMAE over a series of `n_levels`; the worst is the reversed order."""
    require_levels(n_levels)
    return MetricFacts(
        name="rank_mae",
        direction=Direction.LOWER,
        best=0.0,
        chance=rank_mae_chance(n_levels),
        worst=(n_levels**2 // 2) / n_levels,
    )


def rank_mae(scores: Sequence[float | None], levels: Sequence[int]) -> float:
    """Mean distance between the rank a reader gives a model and its true rank (App. C); 0 is best.

    Ties share their average rank: otherwise a constant reader inherits the order of the input. None means
    unreadable: that model has a uniformly random rank, so its error is the expected one, and the m readable
    models of n are placed where they stand on average among the others, rank r of m at r (n + 1) / (m + 1).
    """
    return float(rank_errors(scores, levels).mean())


def series_error(readings: Readings, truths: Truths) -> tuple[float]:
    """RankMAE of a group of models of one aspect: one error for the whole series, whose models are ranked together.

    Raises:
        InvalidInputError: Models do not have one number each, or have the same level.
    """
    require_group(readings, truths)
    if len(truths[0]) != 1:
        raise InvalidInputError(
            f"A series must be of one aspect. Got {len(truths[0])} in {truths!r}. Rank each aspect by itself."
        )
    scores = [None if reading is None else reading[0] for reading in readings]
    return (rank_mae(scores, [level for level, *_ in truths]),)


def rank_errors(scores: Sequence[float | None], levels: Sequence[int]) -> Float[np.ndarray, " n"]:
    """The distance of every model of a series, in the order given; their mean is RankMAE."""
    values = readable_scores(scores, levels)
    n, m = len(values), int(np.isfinite(values).sum())
    true_ranks = _ranks(np.asarray(levels, dtype=np.float64))
    uniform = np.abs(np.arange(1, n + 1)[None, :] - true_ranks[:, None]).mean(axis=1)
    placed = _ranks(values) * (n + 1) / (m + 1)
    return np.where(np.isfinite(values), np.abs(placed - true_ranks), uniform)


def _ranks(values: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
    """Ranks from 1 among the numbers, ties share their average; what is no number counts for none."""
    return (values[None] < values[:, None]).sum(axis=1) + (
        (values[None] == values[:, None]).sum(axis=1) + 1
    ) / 2


def rank_mae_chance(n_levels: int) -> float:
    """Expected RankMAE of a uniformly random order: (n² - 1) / 3n."""
    require_levels(n_levels)
    return (n_levels**2 - 1) / (3 * n_levels)


def rank_mae_constant(n_levels: int) -> float:
    """RankMAE of the same answer for every level, all at the middle rank: 2.5 at ten levels."""
    require_levels(n_levels)
    return (n_levels**2 // 4) / n_levels


def __getattr__(name: str) -> object:
    return late("RankMAE", name, module=__name__)
