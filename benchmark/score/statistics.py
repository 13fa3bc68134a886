"""Intervals and tests for counts of n and for few independent series; empty input raises.

Wilson for shares, since the bootstrap covers 64% instead of 95% at 17 of 18; exact tests for pairs; Holm
over a board.
"""

from collections.abc import Hashable, Sequence
from itertools import product
from math import sqrt
from typing import NamedTuple

import numpy as np

from finexl.errors import InvalidInputError

EXACT_CLUSTERS = 16
"""Sign flips are enumerated up to this many clusters, and drawn at random above."""


class Interval(NamedTuple):
    """A confidence interval."""

    low: float
    high: float


def wilson(k: float | int, n: int, *, confidence: float = 0.95) -> Interval:
    """Wilson's score interval of the share k / n; k may be a fraction where ties share credit.

    >>> [round(100 * end, 1) for end in wilson(17, 18)]
    [74.2, 99.0]
    """
    from scipy.stats import norm

    if n < 1 or not 0 <= k <= n:
        raise InvalidInputError(f"A share must be k of n with 0 ≤ k ≤ n and n ≥ 1. Got k={k!r}, n={n!r}.")
    z = float(norm.ppf((1 + _checked(confidence)) / 2))
    share = k / n
    center = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z / (1 + z**2 / n) * sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return Interval(0.0 if k == 0 else center - reach, 1.0 if k == n else center + reach)


def bootstrap_mean(
    values: Sequence[float],
    *,
    clusters: Sequence[Hashable] | None = None,
    confidence: float = 0.95,
    seed: int = 0,
) -> Interval | None:
    """Interval of the mean when whole clusters are drawn again (BCa; percentile where BCa is undefined).

    Without `clusters` every value is its own. None for a single cluster, which says nothing about its spread.
    """
    from scipy.stats import bootstrap

    numbers = _nonempty(values)
    totals, counts = _by_cluster(numbers, clusters)
    if len(totals) < 2:
        return None
    if np.ptp(totals / counts) == 0:
        return Interval(float(numbers.mean()), float(numbers.mean()))
    for method in ("BCa", "percentile"):
        with np.errstate(all="ignore"):
            low, high = bootstrap(
                (totals, counts),
                lambda t, c, axis: t.sum(axis=axis) / c.sum(axis=axis),
                paired=True,
                confidence_level=_checked(confidence),
                method=method,
                rng=np.random.default_rng(seed),
            ).confidence_interval
        if np.isfinite([low, high]).all():
            break
    return Interval(float(low), float(high))


def mcnemar_exact(wins: int, losses: int) -> float:
    """Two-sided p of the exact McNemar test over trials where just one of two explainers was right."""
    from scipy.stats import binomtest

    if wins < 0 or losses < 0:
        raise InvalidInputError(f"`wins` and `losses` must not be negative. Got {wins!r} and {losses!r}.")
    return 1.0 if wins + losses == 0 else float(binomtest(wins, wins + losses).pvalue)


def sign_flip_permutation(
    differences: Sequence[float], *, seed: int = 0, n_resamples: int = 100_000
) -> float:
    """Two-sided p that paired differences, one per cluster, have mean zero; exact up to 16 clusters."""
    numbers = _nonempty(differences)
    n = len(numbers)
    if n <= EXACT_CLUSTERS:
        signs = np.array(list(product((-1, 1), repeat=n)))
        return float(np.mean(_at_least(signs @ numbers, numbers)))
    signs = np.random.default_rng(seed).choice(np.array([-1, 1], dtype=np.int8), size=(n_resamples, n))
    return (int(_at_least(signs @ numbers, numbers).sum()) + 1) / (n_resamples + 1)


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Holm's adjusted p-values, in the order given."""
    given = _nonempty(p_values)
    if ((given < 0) | (given > 1)).any():
        raise InvalidInputError(f"p-values must be in [0, 1]. Got {tuple(p_values)!r}.")
    order = np.argsort(given, kind="stable")
    stepped = np.maximum.accumulate(given[order] * np.arange(len(given), 0, -1))
    adjusted = np.empty_like(given)
    adjusted[order] = np.minimum(stepped, 1.0)
    return tuple(adjusted.tolist())


def _by_cluster(numbers: np.ndarray, clusters: Sequence[Hashable] | None) -> tuple[np.ndarray, np.ndarray]:
    """Sum and count of every cluster, in order of first appearance."""
    names = list(range(len(numbers))) if clusters is None else list(clusters)
    if len(names) != len(numbers):
        raise InvalidInputError(
            f"There must be one cluster per value. Got {len(names)} for {len(numbers)} values."
        )
    members: dict[Hashable, list[float]] = {}
    for name, number in zip(names, numbers.tolist(), strict=True):
        members.setdefault(name, []).append(number)
    return np.array([sum(own) for own in members.values()]), np.array([len(own) for own in members.values()])


def _at_least(sums: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Whether flipped sums are at least as far from zero as the observed one, up to rounding."""
    return np.abs(sums) >= abs(numbers.sum()) - 1e-12 * np.abs(numbers).sum()


def _nonempty(values: Sequence[float]) -> np.ndarray:
    numbers = np.asarray(values, dtype=np.float64)
    if numbers.ndim != 1 or len(numbers) == 0 or not np.isfinite(numbers).all():
        raise InvalidInputError(f"A statistic needs at least one value, all finite. Got {values!r}.")
    return numbers


def _checked(confidence: float) -> float:
    if not 0 < confidence < 1:
        raise InvalidInputError(f"`confidence` must be between 0 and 1. Got {confidence!r}.")
    return confidence
