"""Who is better than whom: rows of one table compared over the units that they share, and ranked in tiers.

Only rows of one track are compared: who is given more may not be said to beat who is given less.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from statistics import median

import numpy as np

from benchmark.record.records import Track
from benchmark.score.scores import ScoreRow, best_first
from benchmark.score.sharing import design_effect
from benchmark.score.statistics import can_compare, detectable
from benchmark.score.tiers import Ranked, n_comparisons, tiers

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
    """Comparisons with the leader of a track, over which Holm's correction is."""
    spread: float | None
    """Standard deviation of paired differences as of independent units, in the middle of all pairs that differ; None
    where none does.
    """

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
    """Compare rows of one scenario by its own score (`benchmark.score.tiers`)."""
    blocks = by_track(rows)
    n_tests = n_comparisons([len(own) for own in blocks.values()])
    differences = [
        found
        for own in blocks.values()
        for one, other in combinations(own, 2)
        if (found := _Differences.of(one, other)).worths
    ]
    n_units = max((len(each.worths) for each in differences), default=0)
    wide = [spread for each in differences if (spread := each.spread) > 0]
    found = Comparison(tiers={}, n_units=n_units, n_tests=n_tests, spread=median(wide) if wide else None)
    if not n_tests or not can_compare(n_units, n_tests=n_tests):
        return found
    aspects = {group: names for row in rows for group, names in row.aspects}
    ranks: dict[str, int] = {}
    for own in blocks.values():
        ranked = [Ranked(key=row.explainer, value=row.value, units=dict(row.own.units)) for row in own]
        found_tiers = tiers(ranked, direction=own[0].own.direction, aspects=aspects, n_tests=n_tests)
        ranks |= {key: number for number, tier in enumerate(found_tiers, start=1) for key in tier}
    return replace(found, tiers=ranks)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Differences:
    """How much more one row is worth than another, unit by unit."""

    worths: tuple[float, ...]
    aspects: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, one: ScoreRow, other: ScoreRow) -> "_Differences":
        mine, others, aspects = dict(one.own.units), dict(other.own.units), dict(one.aspects)
        common = [unit for unit in mine if unit in others]
        return cls(
            worths=tuple(mine[unit] - others[unit] for unit in common),
            aspects=tuple(aspects.get(unit, ()) for unit in common),
        )

    @property
    def spread(self) -> float:
        if len(self.worths) < 2:
            return 0.0
        worths = np.array([self.worths])
        return float(worths.std(ddof=1) * np.sqrt(design_effect(worths, self.aspects)[0]))
