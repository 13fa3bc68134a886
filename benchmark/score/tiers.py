"""Tiers: scores that their paired units cannot tell from the best of them share one.

As in multiple comparisons with the best (Hsu 1981) nothing but the leader of a tier is compared with the others: who
is best in truth is in the first tier 19 times in 20, however the leader was found, and however many take part.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from benchmark.score.sharing import design_effect
from benchmark.score.statistics import SIGNIFICANT, holm, sign_flips

Direction = Literal["lower", "higher"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A score that has a place in a tier, and what each of its units is worth."""

    key: str
    value: float
    units: Mapping[str, float]


def tiers(
    scores: Sequence[Ranked],
    *,
    direction: Direction,
    aspects: Mapping[str, Collection[str]],
    n_tests: int | None = None,
) -> tuple[tuple[str, ...], ...]:
    """The keys of every tier, the best first.

    The best leads the first tier. Down the table, the first that is significantly worse than the leader leads the next;
    those in between share the tier. They are compared by sign flips of the units that both have, whose `aspects` say
    which go together, with Holm's correction over `n_tests` comparisons: those with leaders in all tracks of a table,
    as protocol §7 asks, or those with this leader.
    """
    sign = -1 if direction == "higher" else 1
    left = sorted(scores, key=lambda one: (sign * one.value, one.key))
    found: list[tuple[str, ...]] = []
    while left:
        leader, *others = left
        n_family = max(len(others), len(scores) - 1 if n_tests is None else n_tests)
        chances = [*_chances_worse(leader, others, sign=sign, aspects=aspects), *[1.0] * n_family]
        adjusted = holm(chances[:n_family]) if others else ()
        own = zip(others, adjusted, strict=False)
        n_tier = 1 + next(
            (place for place, (_, chance) in enumerate(own) if chance <= SIGNIFICANT), len(others)
        )
        found.append(tuple(one.key for one in left[:n_tier]))
        left = left[n_tier:]
    return tuple(found)


def n_comparisons(sizes: Sequence[int]) -> int:
    """How many comparisons with a leader tracks of these numbers of rows make: the family of Holm's correction."""
    return sum(max(0, size - 1) for size in sizes)


def _chances_worse(
    leader: Ranked, others: Sequence[Ranked], *, sign: int, aspects: Mapping[str, Collection[str]]
) -> np.ndarray:
    """p of every comparison with the leader; 1 where there is nothing to compare.

    Who is worse over all units may be better over those that both have: that is no reason for a tier.
    """
    by_units: dict[tuple[str, ...], list[int]] = {}
    for place, other in enumerate(others):
        common = tuple(unit for unit in leader.units if unit in other.units)
        by_units.setdefault(common, []).append(place)
    chances = np.ones(len(others))
    for units, places in by_units.items():
        if not units:
            continue
        gaps = np.array(
            [[others[place].units[unit] - leader.units[unit] for unit in units] for place in places]
        )
        effects = design_effect(gaps, [aspects.get(unit, ()) for unit in units])
        is_worse = sign * gaps.sum(axis=1) > 0
        chances[places] = np.where(is_worse, sign_flips(gaps, effects=effects), 1.0)
    return chances
