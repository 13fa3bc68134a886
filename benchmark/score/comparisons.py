"""Who is better than whom: rows of one table compared over the units that they share, and ranked in tiers.

Only rows of one track are compared: who is given more may not be said to beat who is given less. Every two of them are
tested by exact sign flips over paired units; Holm's correction is over all tests of the table.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median, stdev
from typing import Literal

from benchmark.record.records import Track
from benchmark.score.scores import ScoreRow, best_first
from benchmark.score.statistics import (
    SIGNIFICANT,
    can_compare,
    detectable,
    holm,
    sign_flip_permutation,
)

TRACKS: dict[Track, str] = {
    "solo": "one model at a time",
    "joint": "all models of a group at once",
    "told": "knows the corpus' vocabulary, or is a control",
}
"""What explainers of each track are given, in the order of tables."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What the own scores of a table's rows tell apart."""

    tiers: Mapping[str, int]
    """Rank of every explainer in its track, shared by those that are not told apart; empty if none can be."""
    n_units: int
    """The most units that two rows of a track share."""
    n_tests: int
    spread: float | None
    """Standard deviation of paired differences, in the middle of all pairs that differ; None where none does."""

    def detectable(self, n_units: int) -> float | None:
        """The difference that four of five times would be found over so many units; None if none could be."""
        return None if self.spread is None else detectable(self.spread, n_units=n_units, n_tests=self.n_tests)


def by_track(rows: Sequence[ScoreRow]) -> dict[Track, list[ScoreRow]]:
    """Rows of one scenario by track, the best first in each; tracks without rows are left out."""
    found: dict[Track, list[ScoreRow]] = {}
    for track in TRACKS:
        if own := [row for row in rows if row.track == track]:
            found[track] = best_first(own)
    return found


def compared(rows: Sequence[ScoreRow]) -> Comparison:
    """Compare rows of one scenario by its own score.

    The best of a track leads tier 1. Down the track, the first explainer that is significantly worse than the leader of
    the tier leads the next; those in between share the tier.
    """
    blocks = by_track(rows)
    pairs = [pair for own in blocks.values() for pair in combinations(own, 2)]
    differences = {(one.explainer, other.explainer): _differences(one, other) for one, other in pairs}
    n_units = max(map(len, differences.values()), default=0)
    spreads = [stdev(each) for each in differences.values() if len(each) > 1]
    found = Comparison(
        tiers={},
        n_units=n_units,
        n_tests=len(pairs),
        spread=median(wide) if (wide := [spread for spread in spreads if spread > 0]) else None,
    )
    if not pairs or not can_compare(n_units, n_tests=len(pairs)):
        return found
    chances = holm([sign_flip_permutation(each) if each else 1.0 for each in differences.values()])
    # who is better over all groups may be worse over those that both have: that is no reason for a tier
    worse = {
        pair
        for (pair, each), chance in zip(differences.items(), chances, strict=True)
        if chance <= SIGNIFICANT and _is_better(sum(each), direction=rows[0].own.direction)
    }
    tiers: dict[str, int] = {}
    for own in blocks.values():
        leader, tier = own[0].explainer, 1
        for row in own:
            if (leader, row.explainer) in worse:
                leader, tier = row.explainer, tier + 1
            tiers[row.explainer] = tier
    return Comparison(tiers=tiers, n_units=found.n_units, n_tests=found.n_tests, spread=found.spread)


def _is_better(difference: float, *, direction: Literal["lower", "higher"]) -> bool:
    return difference < 0 if direction == "lower" else difference > 0


def _differences(one: ScoreRow, other: ScoreRow) -> list[float]:
    """How much more one is worth than the other, unit by unit."""
    mine, others = dict(one.own.units), dict(other.own.units)
    return [mine[unit] - others[unit] for unit in mine if unit in others]
