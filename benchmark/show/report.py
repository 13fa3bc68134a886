"""The report: one HTML page that holds everything a person wants to look at, and runs nothing.

Concepts come from models, names and prompts from strangers. The template escapes all of them, the page has no
script, and its content policy admits none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmark.plan.scenarios import SCENARIOS
from benchmark.plan.trials import Group, label
from benchmark.record.files import write_atomically
from benchmark.record.records import GroupRecord, TrialRecord
from benchmark.score.comparisons import TRACKS, by_track, compared
from benchmark.score.scores import Score, ScoreRow, group_score
from benchmark.show.images import MAX_COLUMNS, sheet_path, strips
from benchmark.show.runs import RunResult
from benchmark.show.score_table import OTHER_SCORES, interval, notes, number, tier
from benchmark.show.templates import page_templates

MAX_PICTURED = 30
"""Groups whose images are in the page; of more groups the grids are only in the folder beside it."""


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
class ScenarioTable:
    """The scores of one scenario."""

    own: Score
    """A score of which name, direction and chance are those of the table."""
    is_ladder: bool
    others: tuple[tuple[str, str], ...]
    """Names of other scores with the ways in which they are better."""
    blocks: tuple[Block, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """A claim; `width` in percent of the largest amount of the group."""

    concept: str
    amount: str
    width: float
    is_negative: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What an explainer said about one model and how it was read."""

    trial: TrialRecord
    reading: str
    chips: tuple[Chip, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One explainer on one group, in trial order."""

    explainer: str
    score: str
    said: tuple[Said, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A group: its images, its truth, and every answer."""

    group: Group
    uncertified: tuple[str, ...]
    """Aspects whose truth is not certified: what was measured of them does not follow it."""
    measured: tuple[str, ...]
    """Aspects of which every model's amount was measured."""
    estimates: tuple[tuple[float | None, ...], ...]
    divergences: tuple[float | None, ...]
    labels: tuple[str, ...]
    strips: tuple[str, ...]
    prompts: tuple[str, ...]
    answers: tuple[Answer, ...]


def write_report(
    result: RunResult, *, settings: Mapping[str, object], provenance: Mapping[str, object]
) -> None:
    """Publish the page of a run."""
    page = render_report(result, settings=settings, provenance=provenance)
    write_atomically(result.plan.files.report, page.encode("utf-8", "replace"))


def render_report(
    result: RunResult, *, settings: Mapping[str, object], provenance: Mapping[str, object]
) -> str:
    """The page as text."""
    environment = page_templates("benchmark")
    environment.filters["number"] = number
    scenarios = dict.fromkeys(row.scenario for row in result.rows)
    return environment.get_template("report.html.j2").render(
        result=result,
        settings=dotted(settings),
        provenance=dotted(provenance),
        tables={
            name: scenario_table([row for row in result.rows if row.scenario == name]) for name in scenarios
        },
        sections=_sections(result),
    )


def scenario_table(rows: Sequence[ScoreRow]) -> ScenarioTable:
    """The rows of one scenario by track, with where each score lies on an axis from 0 to the largest figure shown."""
    own, found = rows[0].own, compared(rows)
    figures = [
        figure for row in rows for figure in (row.value, row.own.high, row.chance) if figure is not None
    ]
    top = 1.0 if own.direction == "higher" else max(figures) * 1.05 or 1.0
    others = {
        name: next(score.direction for row in rows if (score := row.find(name)) is not None)
        for name in OTHER_SCORES
        if name != own.name and any(row.find(name) for row in rows)
    }
    return ScenarioTable(
        own=own,
        is_ladder=rows[0].naming_accuracy is not None,
        others=tuple(others.items()),
        blocks=tuple(
            Block(
                track=track,
                about=TRACKS[track],
                bars=tuple(_bar(row, 100 / top, tier=tier(row, found), others=[*others]) for row in members),
            )
            for track, members in by_track(rows).items()
        ),
        notes=tuple(notes(rows, found)),
    )


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


def _sections(result: RunResult) -> tuple[Section, ...]:
    by_group: dict[str, list[GroupRecord]] = {group.id: [] for group in result.plan.groups}
    for record in result.records:
        by_group[record.group].append(record)
    return tuple(
        _section(result, group, by_group[group.id], is_pictured=number < MAX_PICTURED)
        for number, group in enumerate(result.plan.groups)
        if by_group[group.id]
    )


def _section(
    result: RunResult, group: Group, records: Sequence[GroupRecord], *, is_pictured: bool
) -> Section:
    sheet = sheet_path(result.plan.files.grid(group))
    pictured = is_pictured and sheet.exists()
    return Section(
        group=group,
        uncertified=_uncertified(records[0]),
        measured=group.aspects if all(trial.estimates for trial in records[0].trials) else (),
        estimates=tuple(trial.estimates for trial in records[0].trials),
        divergences=tuple(trial.divergence for trial in records[0].trials),
        labels=tuple(label(trial, group) for trial in group.trials),
        strips=strips(sheet, len(group.trials) + 1) if pictured else (),
        prompts=tuple(group.probe.prompts[column] for column in group.pictured[:MAX_COLUMNS]),
        answers=tuple(_answer(record) for record in records),
    )


def _uncertified(record: GroupRecord) -> tuple[str, ...]:
    # nothing was measured aspect by aspect in earlier records
    flags = record.certified_aspects or (record.certified,) * len(record.aspects)
    asked = zip(record.aspects, flags, strict=True)
    return tuple(aspect for aspect, flag in (*asked, *record.certified_unasked.items()) if not flag)


def _answer(record: GroupRecord) -> Answer:
    sizes = [abs(one.amount) for trial in record.trials for one in trial.claims]
    largest = max(sizes, default=0.0) or 1.0
    return Answer(
        explainer=record.explainer,
        score=number(group_score(record, SCENARIOS[record.scenario].scoring)),
        said=tuple(_said(trial, largest) for trial in record.trials),
    )


def _said(trial: TrialRecord, largest: float) -> Said:
    chips = tuple(
        Chip(
            concept=one.concept,
            amount=f"{one.amount:.3g}",
            width=round(100 * abs(one.amount) / largest, 1),
            is_negative=one.amount < 0,
        )
        for one in trial.claims
    )
    reading = "" if trial.reading is None else ", ".join(f"{value:.3g}" for value in trial.reading)
    return Said(trial=trial, reading=reading, chips=chips)


def dotted(values: Mapping[str, object], prefix: str = "") -> dict[str, str]:
    """Nested settings as one list of dotted names."""
    found: dict[str, str] = {}
    for name, value in values.items():
        is_nested = isinstance(value, Mapping)
        found |= dotted(value, f"{prefix}{name}.") if is_nested else {f"{prefix}{name}": str(value)}
    return found
