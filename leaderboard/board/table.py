"""The board as one value, from which the page and every file are written."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from benchmark.score.statistics import MIN_UNITS, can_compare
from benchmark.score.tiers import Ranked, n_comparisons, tiers
from finexl.errors import FinexlError
from leaderboard.entry.schema import Entry
from leaderboard.ledger.chain import Ledger, Standing
from leaderboard.ledger.events import Audit, Planted, Role, Score

TRACKS: Mapping[str, str] = {
    "solo": "Each model is explained by itself, as a model card needs.",
    "joint": "All models of a group are explained together.",
    "told": "The corpus' own vocabulary is given.",
}
"""Tracks and what an explainer was given in each; no row of one is said to beat a row of another."""


class BoardError(FinexlError):
    """The ledger and the folder of entries do not fit each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A metric in a scenario."""

    scenario: str
    metric: str
    part: str
    direction: Literal["lower", "higher"]
    is_share: bool
    """Whether values are shares, shown in hundredths, and not ranks."""
    chance: float | None
    n: int
    """Largest number of independent units."""
    n_tests: int
    """Comparisons with the best of each track, over which Holm's correction is."""

    @property
    def key(self) -> str:
        """Names the column in files: scenario.metric, of the private part scenario.metric.private."""
        return f"{self.scenario}.{self.metric}" + (".private" if self.part == "private" else "")

    @property
    def has_intervals(self) -> bool:
        """Whether there are units enough to tell their spread."""
        return self.n >= MIN_UNITS

    @property
    def separates(self) -> bool:
        """Whether there are units enough to tell so many entries apart."""
        return can_compare(self.n, n_tests=max(1, self.n_tests))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A score of a row."""

    score: Score
    rank: int | None
    """Rank of its tier among the entries of the track; None for controls and ceilings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedNumber:
    """What the authors found beside what was recomputed."""

    column: str
    is_share: bool
    claimed: float
    recomputed: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An entry on the board."""

    id: str
    entry: Entry
    role: Role
    day: str
    cells: tuple[Cell | None, ...]
    """In the order of the track's columns."""
    n_models: int
    n_unreadable: int
    outcomes: tuple[tuple[str, int], ...]
    audit: Audit
    planted: Planted | None
    claimed: tuple[ClaimedNumber, ...]

    @property
    def anchor(self) -> str:
        """The row's place on the page and the name of its own page."""
        return self.id.replace("@", "-").replace("+", "-")

    @property
    def seconds(self) -> float:
        """Seconds for one model."""
        return self.entry.costs.seconds / max(1, self.n_models)

    @property
    def vlm_calls(self) -> float:
        """Calls for one model."""
        return self.entry.costs.vlm_calls / max(1, self.n_models)

    @property
    def unreadable(self) -> float:
        """Share of models whose explanation could not be read."""
        return self.n_unreadable / max(1, self.n_models)


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """Rows that are compared with each other."""

    name: str
    about: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    """Best first by the first column; controls and ceilings where their score puts them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """An entry that left the board."""

    id: str
    day: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """Everything that is shown."""

    bundle: str
    ledger: str
    """Hash of the ledger's last line: the same ledger and entries make the same board."""
    n_lines: int
    tracks: tuple[Track, ...]
    removed: tuple[Removed, ...]


def board(ledger: Ledger, entries: Mapping[str, Entry]) -> Board:
    """The board of a ledger; `entries` holds entry.json of every entry on it, by id.

    Raises:
        BoardError: An entry is missing.
    """
    standings = ledger.on_board
    if missing := [one.admission.entry for one in standings if one.admission.entry not in entries]:
        raise BoardError(
            f"Every entry on the board must be in the folder of entries. {missing[0]} is not. Put it back, or remove "
            f"it from the board with its reason: python -m leaderboard remove {missing[0]} reason=..."
        )
    bundles = dict.fromkeys(
        f"{one.admission.bundle.name} {one.admission.bundle.sha256[:12]}" for one in standings
    )
    by_track = {
        name: [one for one in standings if entries[one.admission.entry].track == name] for name in TRACKS
    }
    n_tests = _families(by_track)
    return Board(
        bundle=", ".join(bundles) or "none yet",
        ledger=ledger.tip,
        n_lines=len(ledger.lines),
        tracks=tuple(_track(name, own, entries, n_tests) for name, own in by_track.items()),
        removed=tuple(
            Removed(id=one.admission.entry, day=one.removal.day, reason=one.removal.reason)
            for one in ledger.standings.values()
            if one.removal is not None
        ),
    )


def shown(value: float | None, *, is_share: bool) -> str:
    """A score as it is printed: shares in hundredths with one decimal, ranks with two, a dash for none."""
    if value is None:
        return "–"
    return f"{100 * value:.1f}" if is_share else f"{value:.2f}"


Wanted = tuple[str, str, str]
"""Part, scenario and metric of a score."""


def _families(by_track: Mapping[str, Sequence[Standing]]) -> dict[Wanted, int]:
    """How many entries of all tracks are compared with the best of theirs, by score."""
    sizes = [
        Counter(
            _wanted(score)
            for one in standings
            if one.admission.role == "entry"
            for score in one.scored.scores
        )
        for standings in by_track.values()
    ]
    return {wanted: n_comparisons([each[wanted] for each in sizes]) for wanted in set().union(*sizes)}


def _track(
    name: str, standings: Sequence[Standing], entries: Mapping[str, Entry], n_tests: Mapping[Wanted, int]
) -> Track:
    columns = _columns(standings, n_tests)
    ranks = [_ranks(column, standings) for column in columns]
    rows = [_row(one, entries[one.admission.entry], columns, ranks) for one in standings]
    return Track(name=name, about=TRACKS[name], columns=columns, rows=tuple(sorted(rows, key=_place)))


def _columns(standings: Sequence[Standing], n_tests: Mapping[Wanted, int]) -> tuple[Column, ...]:
    scores: dict[Wanted, list[Score]] = {}
    for one in standings:
        for score in one.scored.scores:
            scores.setdefault(_wanted(score), []).append(score)
    return tuple(
        Column(
            scenario=wanted[1],
            metric=wanted[2],
            part=wanted[0],
            direction=found[0].direction,
            is_share=found[0].is_share,
            chance=found[0].chance,
            n=max(score.n for score in found),
            n_tests=n_tests.get(wanted, 0),
        )
        for wanted, found in sorted(scores.items(), key=lambda item: item[0][0] == "private")
    )


def _ranks(column: Column, standings: Sequence[Standing]) -> dict[str, int]:
    """Ranks as in competitions: 1, 1, 3."""
    scores = [
        Ranked(key=one.admission.entry, value=score.value, units=score.units)
        for one in standings
        if one.admission.role == "entry" and (score := _score(one, column)) is not None
    ]
    aspects = {unit: names for one in standings for unit, names in one.scored.aspects.items()}
    ranks: dict[str, int] = {}
    for tier in tiers(scores, direction=column.direction, aspects=aspects, n_tests=column.n_tests):
        ranks |= dict.fromkeys(tier, len(ranks) + 1)
    return ranks


def _wanted(score: Score) -> Wanted:
    return (score.part, score.scenario, score.metric)


def _score(standing: Standing, column: Column) -> Score | None:
    wanted = (column.part, column.scenario, column.metric)
    return next((one for one in standing.scored.scores if _wanted(one) == wanted), None)


def _row(
    standing: Standing, entry: Entry, columns: Sequence[Column], ranks: Sequence[Mapping[str, int]]
) -> Row:
    admission, scored = standing.admission, standing.scored
    scores = [_score(standing, column) for column in columns]
    found = {(one.scenario, one.metric): one for one in scored.scores if one.part == "public"}
    claimed = []
    for one in entry.claimed:
        ours = found.get((one.scenario, one.metric))
        claimed.append(
            ClaimedNumber(
                column=f"{one.scenario}.{one.metric}",
                is_share=ours is None or ours.is_share,
                claimed=one.value,
                recomputed=None if ours is None else ours.value,
            )
        )
    return Row(
        id=admission.entry,
        entry=entry,
        role=admission.role,
        day=standing.day,
        cells=tuple(
            None if score is None else Cell(score=score, rank=own.get(admission.entry))
            for score, own in zip(scores, ranks, strict=True)
        ),
        n_models=scored.readability.n_models,
        n_unreadable=scored.readability.n_unreadable,
        outcomes=tuple(scored.readability.outcomes.items()),
        audit=standing.audit,
        planted=scored.planted,
        claimed=tuple(claimed),
    )


def _place(row: Row) -> tuple[bool, float, str]:
    first = row.cells[0] if row.cells else None
    if first is None:
        return True, 0.0, row.id
    value = first.score.value
    return False, value if first.score.direction == "lower" else -value, row.id
