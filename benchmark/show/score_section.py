"""The scores of a scenario in the report: a table by tracks, with each score's place on an axis."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmark.score.comparisons import TRACKS, by_track, compared
from benchmark.score.scores import Score, ScoreRow
from benchmark.show.score_table import OTHER_SCORES, interval, notes, number, tier


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A row's own score with its place on the axis of its table, all in percent of the axis."""

    row: ScoreRow
    tier: str
    interval: str
    others: tuple[Score | None, ...]
    """The other scores of the table, in the order of its columns."""
    value: float
    low: float
    width: float
    chance: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """The rows of one track, best first."""

    track: str
    about: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherScore:
    """A column of another score than the table's own."""

    name: str
    direction: str
    chance: str
    """Where it is the same in all rows; "" where rows say it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioTable:
    """The scores of one scenario."""

    own: Score
    """A score of which name, direction and chance are those of the table."""
    is_ladder: bool
    certified_chance: str
    """Of the score of certified groups, where it is the same in all rows; "" where rows say it."""
    others: tuple[OtherScore, ...]
    blocks: tuple[Block, ...]
    notes: tuple[str, ...]


def scenario_table(rows: Sequence[ScoreRow]) -> ScenarioTable:
    """The rows of one scenario by track, with where each score lies on an axis from 0 to the largest figure shown."""
    own, found = rows[0].own, compared(rows)
    figures = [
        figure for row in rows for figure in (row.value, row.own.high, row.chance) if figure is not None
    ]
    top = 1.0 if own.direction == "higher" else max(figures) * 1.05 or 1.0
    others = tuple(
        _other([score for row in rows if (score := row.find(name)) is not None])
        for name in OTHER_SCORES
        if name != own.name and any(row.find(name) for row in rows)
    )
    names = [other.name for other in others]
    return ScenarioTable(
        own=own,
        is_ladder=rows[0].naming_accuracy is not None,
        certified_chance=_shared([row.own.certified_chance for row in rows]),
        others=others,
        blocks=tuple(
            Block(
                track=track,
                about=TRACKS[track],
                bars=tuple(_bar(row, 100 / top, tier=tier(row, found), others=names) for row in members),
            )
            for track, members in by_track(rows).items()
        ),
        notes=tuple(notes(rows, found)),
    )


def _other(scores: Sequence[Score]) -> OtherScore:
    chance = _shared([score.chance for score in scores])
    return OtherScore(name=scores[0].name, direction=scores[0].direction, chance=chance)


def _shared(chances: Sequence[float | None]) -> str:
    found = {number(chance) for chance in chances if chance is not None}
    return found.pop() if len(found) == 1 else ""


def _bar(row: ScoreRow, scale: float, *, tier: str, others: Sequence[str]) -> Bar:
    value, own = row.value, row.own
    low, high = (value if own.low is None else own.low), (value if own.high is None else own.high)
    return Bar(
        row=row,
        tier=tier,
        interval=interval(own),
        others=tuple(row.find(name) for name in others),
        value=value * scale,
        low=low * scale,
        width=(high - low) * scale,
        chance=row.chance * scale,
    )
