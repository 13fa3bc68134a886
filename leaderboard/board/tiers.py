"""Tiers: entries that their paired units cannot tell from the best of them share a rank."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from benchmark.score.statistics import holm

ALPHA = 0.05
MIN_UNITS = 5
"""Paired units below which two entries are never told apart: the smallest p of a sign flip over five is 1/16."""
_EXACT, _N_DRAWN = 16, 20_000
"""Units up to which sign flips are enumerated, and how many are drawn above."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A score that takes a rank, and what each of its units is worth."""

    key: str
    value: float
    units: Mapping[str, float]


def tiers(scores: Sequence[Ranked], *, is_higher_better: bool) -> dict[str, int]:
    """The rank of every entry by its key.

    The best leads the first tier. Down the board, the first entry that is significantly worse than the leader leads the
    next one; those in between share the rank of the tier. The leader is compared with each by sign flips of their
    paired units, with Holm's correction over its comparisons. Ranks are those of competitions: 1, 1, 3.
    """
    left = sorted(scores, key=lambda one: (-one.value if is_higher_better else one.value, one.key))
    ranks: dict[str, int] = {}
    while left:
        leader, *others = left
        p_values = _p_values(leader, others)
        n_tier = 1 + next((place for place, p in enumerate(p_values) if p <= ALPHA), len(others))
        ranks |= dict.fromkeys((one.key for one in left[:n_tier]), len(ranks) + 1)
        left = left[n_tier:]
    return ranks


def _p_values(leader: Ranked, others: Sequence[Ranked]) -> tuple[float, ...]:
    """Holm's p of each comparison with the leader; 1 where they share too few units."""
    by_units: dict[tuple[str, ...], list[int]] = {}
    for place, other in enumerate(others):
        shared = tuple(sorted(leader.units.keys() & other.units.keys()))
        by_units.setdefault(shared, []).append(place)
    p = np.ones(len(others))
    for units, places in by_units.items():
        if len(units) >= MIN_UNITS:
            worth = [[others[place].units[unit] - leader.units[unit] for unit in units] for place in places]
            p[places] = sign_flips(np.array(worth))
    return holm(p.tolist()) if len(others) else ()


def sign_flips(differences: np.ndarray) -> np.ndarray:
    """Two-sided p that the differences of each row have mean zero; exact up to 16 columns, else drawn with seed 0.

    All rows at once, where `benchmark.score.statistics` takes them one by one.
    """
    n = differences.shape[1]
    if n <= _EXACT:
        # the other half of the signs gives the same sizes
        signs = np.array(list(product((1,), *[(-1, 1)] * (n - 1))), dtype=np.float64)
    else:
        signs = np.random.default_rng(0).choice(np.array([-1.0, 1.0]), size=(_N_DRAWN, n))
        signs[0] = 1.0
    sizes = np.abs(signs @ differences.T)  # (signs, rows)
    observed, slack = np.abs(differences.sum(axis=1)), 1e-12 * np.abs(differences).sum(axis=1)
    return np.asarray((sizes >= observed - slack).mean(axis=0))
