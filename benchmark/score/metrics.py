"""Scores as NumPy functions, each with its direction, range and what chance scores (App. C).

Unreadable answers carry no information: a random place in a ranking, a miss in an accuracy; never dropped.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

import numpy as np
from jaxtyping import Float

from finexl.errors import InvalidInputError

TIE = 1e-9
"""Distances that differ by less are a tie; spreads below this share of the values are none."""


class Direction(StrEnum):
    """Which way is better."""

    LOWER = "lower"
    HIGHER = "higher"


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricFacts:
    """What a number of a metric is to be compared with."""

    name: str
    direction: Direction
    best: float
    worst: float
    chance: float
    """Expected score of an answer without information."""


def rank_mae_facts(n_levels: int) -> MetricFacts:
    """RankMAE over a series of `n_levels`; the worst is the reversed order."""
    worst = (n_levels**2 // 2) / n_levels
    chance = rank_mae_chance(n_levels)
    return MetricFacts(name="rank_mae", direction=Direction.LOWER, best=0.0, worst=worst, chance=chance)


def selection_facts(n_models: int) -> MetricFacts:
    """SelectionAccuracy among `n_models`."""
    return MetricFacts(
        name="selection_accuracy", direction=Direction.HIGHER, best=1.0, worst=0.0, chance=1 / n_models
    )


def ordering_facts(n_models: int) -> MetricFacts:
    """OrderingAccuracy over pairs among `n_models`."""
    del n_models
    return MetricFacts(name="ordering_accuracy", direction=Direction.HIGHER, best=1.0, worst=0.0, chance=0.5)


def naming_facts(n_aspects: int) -> MetricFacts:
    """NamingAccuracy in a corpus of `n_aspects`."""
    return MetricFacts(
        name="naming_accuracy", direction=Direction.HIGHER, best=1.0, worst=0.0, chance=1 / n_aspects
    )


def rank_mae(scores: Sequence[float | None], levels: Sequence[int]) -> float:
    """Mean distance between the rank a reader gives a model and its true rank (App. C); 0 is best.

    Ties share their average rank: otherwise a constant reader inherits the order of the input. None means
    unreadable: that model has a uniformly random rank, so its error is the expected one, and the m readable
    models of n are placed where they stand on average among the others, rank r of m at r (n + 1) / (m + 1).
    """
    errors = rank_errors(scores, levels)
    return float(errors.mean())


def rank_errors(scores: Sequence[float | None], levels: Sequence[int]) -> Float[np.ndarray, " n"]:
    """The distance of every model of a series, in the order given; their mean is RankMAE."""
    from scipy.stats import rankdata  # late: listings read the scenarios' facts, and scipy is slow to import

    values = _readable(scores, levels)
    n, m = len(values), int(np.isfinite(values).sum())
    true_ranks = rankdata(levels)
    uniform = np.abs(np.arange(1, n + 1)[None, :] - true_ranks[:, None]).mean(axis=1)
    placed = rankdata(values, method="average", nan_policy="omit") * (n + 1) / (m + 1)
    return np.where(np.isfinite(values), np.abs(placed - true_ranks), uniform)


def rank_mae_chance(n_levels: int) -> float:
    """Expected RankMAE of a uniformly random order: (n² - 1) / 3n."""
    _require_levels(n_levels)
    return (n_levels**2 - 1) / (3 * n_levels)


def rank_mae_constant(n_levels: int) -> float:
    """RankMAE of the same answer for every level, all at the middle rank: 2.5 at ten levels."""
    _require_levels(n_levels)
    return (n_levels**2 // 4) / n_levels


def kendall_tau_b(scores: Sequence[float | None], levels: Sequence[int]) -> float | None:
    """Kendall's τ-b between readable scores and levels, in [-1, 1]; None where it is undefined.

    It is undefined for fewer than two readable scores, and for scores that are all equal.
    """
    from scipy.stats import kendalltau

    values = _readable(scores, levels)
    readable = np.isfinite(values)
    if len(np.unique(values[readable])) < 2:
        return None
    found = kendalltau(values[readable], np.asarray(levels)[readable], variant="b")
    return float(np.asarray(found)[0])


def picks(
    readings: Sequence[Sequence[float] | None], coordinates: Sequence[Sequence[int]]
) -> tuple[frozenset[int], ...]:
    """For each coordinate, the models that someone who knows only their readings would pick (§6.2).

    Every aspect's readings are scaled linearly so that the group's readable models span 0 to the lattice's
    whole; an aspect that reads the same for all is left out, since it tells none from another. The nearest
    model is picked; models whose distances differ by less than 1e-9 are all picked. Models are told apart by
    nothing but their readings.
    """
    wishes = np.asarray(coordinates, dtype=np.float64)
    if wishes.ndim != 2 or wishes.size == 0:
        raise InvalidInputError(f"`coordinates` must be equally long and at least one. Got {coordinates!r}.")
    readable = [index for index, reading in enumerate(readings) if reading is not None]
    if not readable:
        return tuple(frozenset() for _ in wishes)
    values = _finite([reading for reading in readings if reading is not None], n_aspects=wishes.shape[1])
    scaled, differs = _spanned(values, whole=float(wishes.max()))
    distances = np.linalg.norm((scaled[None, :, :] - wishes[:, None, :])[:, :, differs], axis=2)
    nearest = distances <= distances.min(axis=1, keepdims=True) + TIE
    return tuple(frozenset(readable[column] for column in np.flatnonzero(row)) for row in nearest)


def selection_credits(
    readings: Sequence[Sequence[float] | None], coordinates: Sequence[Sequence[int]]
) -> tuple[float, ...]:
    """For each model of a group, how right its coordinate's pick is: 1/k if it is one of k picked, else 0.

    `coordinates[i]` is the true coordinate of model i. The mean of the credits is SelectionAccuracy, and
    chance is 1/n.
    """
    if len(readings) != len(coordinates):
        raise InvalidInputError(
            f"There must be one reading per coordinate. Got {len(readings)} and {len(coordinates)}."
        )
    picked = picks(readings, coordinates)
    return tuple(1 / len(chosen) if model in chosen else 0.0 for model, chosen in enumerate(picked))


def ordering_credits(
    readings: Sequence[Sequence[float] | None], amounts: Sequence[Sequence[int]]
) -> tuple[float, ...]:
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
        0.5 if one is None or other is None else _order_credit(one[index] - other[index], less - more)
        for (one, these), (other, those) in models
        for index, (less, more) in enumerate(zip(these, those, strict=True))
        if less != more
    )


def _order_credit(read: float, true: int) -> float:
    return 0.5 if abs(read) < TIE else float((read > 0) == (true > 0))


def naming_accuracy(named: Sequence[str | None], true: Sequence[str]) -> float:
    """Share of explanations whose words name the true aspect first; chance is 1 / number of aspects."""
    if not true or len(named) != len(true):
        raise InvalidInputError(
            "Naming accuracy needs one named aspect per true one, and at least one. "
            f"Got {len(named)} and {len(true)}."
        )
    return sum(given == wanted for given, wanted in zip(named, true, strict=True)) / len(true)


def _readable(scores: Sequence[float | None], levels: Sequence[int]) -> Float[np.ndarray, " n"]:
    """Scores as floats, NaN where unreadable; a score that is itself not finite is an error."""
    _require_levels(len(levels))
    if len(scores) != len(levels) or len(set(levels)) != len(levels):
        raise InvalidInputError(
            "A series must have one score per level, and no level twice. "
            f"Got {len(scores)} scores and levels {tuple(levels)!r}."
        )
    given = [score for score in scores if score is not None]
    if not np.isfinite(given).all():
        raise InvalidInputError(f"Scores must be finite, or None where unreadable. Got {tuple(scores)!r}.")
    return np.array([np.nan if score is None else float(score) for score in scores])


def _require_levels(n_levels: int) -> None:
    if n_levels < 2:
        raise InvalidInputError(f"A series must have at least two levels. Got {n_levels}.")


def _finite(readings: Sequence[Sequence[float]], *, n_aspects: int) -> Float[np.ndarray, "m a"]:
    values = np.asarray(readings, dtype=np.float64)
    if values.shape != (len(readings), n_aspects) or not np.isfinite(values).all():
        raise InvalidInputError(
            f"Readings must hold one finite number per aspect ({n_aspects}). Got {readings!r}."
        )
    return values


def _spanned(values: Float[np.ndarray, "m a"], *, whole: float) -> tuple[np.ndarray, np.ndarray]:
    """Values scaled to [0, whole] per aspect, and which aspects differ at all."""
    low, spread = values.min(axis=0), np.ptp(values, axis=0)
    differs = spread > TIE * np.abs(values).max(axis=0)
    return (values - low) / np.where(differs, spread, 1.0) * whole, differs
