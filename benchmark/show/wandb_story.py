"""What W&B is told of a finished run, as plain values: a story for each scenario, made of stored results alone.

The id of a story is a hash of its records and scores, so the same results told twice are one run on W&B, and other
results are another one. Times and costs are told but are no part of the id.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from PIL import Image

from benchmark.plan.trials import Group, label
from benchmark.record.recording import strict_json, without_cost
from benchmark.record.records import GroupRecord, TrialRecord
from benchmark.score.comparisons import compared
from benchmark.score.scores import COSTS, ScoreRow
from benchmark.show.applied import applied
from benchmark.show.images import rows_of, sheet_path
from benchmark.show.runs import RunResult
from benchmark.show.score_table import tier

Cell = str | float | int | bool | Image.Image | None
Fact = str | float | int


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One run on W&B: the results of one scenario."""

    id: str
    group: str
    """The name of the benchmark run, which its scenarios share."""
    scenario: str
    config: Mapping[str, Any]
    summary: Mapping[str, Fact]
    """Every stored score, chance and cost, as `<explainer>/<name>`."""
    tables: Mapping[str, "Rows"]
    """`scores`, `models` with a picture of each, and `explanations`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """A table."""

    columns: tuple[str, ...]
    cells: tuple[tuple[Cell, ...], ...]


def stories(
    result: RunResult, *, settings: Mapping[str, Any], provenance: Mapping[str, Any]
) -> Iterator[Story]:
    """A story for each scenario of which anything was scored, in the order of the plan."""
    for scenario in dict.fromkeys(row.scenario for row in result.rows):
        rows = [row for row in result.rows if row.scenario == scenario]
        records = [record for record in result.records if record.scenario == scenario]
        yield Story(
            id=story_id(records, rows),
            group=result.plan.name,
            scenario=scenario,
            config={**applied(settings), "scenario": scenario, "provenance": dict(provenance)},
            summary=dict(_summary(rows)),
            tables={
                "scores": _scores(rows),
                "models": _models(result, scenario, records),
                "explanations": _explanations(result, records),
            },
        )


def story_id(records: Sequence[GroupRecord], rows: Sequence[ScoreRow]) -> str:
    """A hash of what was said, read, certified and scored: 16 hexadecimal digits."""
    told = [[without_cost(record) for record in records], [row.without_cost() for row in rows]]
    return sha256(strict_json(told).encode()).hexdigest()[:16]


def _summary(rows: Sequence[ScoreRow]) -> Iterator[tuple[str, Fact]]:
    for row in rows:
        facts: dict[str, Fact | None] = {
            "track": row.track,
            "n": row.own.n,
            "unreadable": row.n_unreadable,
            "naming_accuracy": row.naming_accuracy,
            "tau": row.tau,
            **{name: getattr(row, name) for name in COSTS},
        }
        for score in row.scores:
            facts |= {
                score.name: score.value,
                f"{score.name}_low": score.low,
                f"{score.name}_high": score.high,
                f"{score.name}_chance": score.chance,
                f"{score.name}_certified": score.certified_value,
            }
        yield from ((f"{row.explainer}/{name}", fact) for name, fact in facts.items() if fact is not None)


def _scores(rows: Sequence[ScoreRow]) -> Rows:
    found = compared(rows)
    names = dict.fromkeys(score.name for row in rows for score in row.scores)
    of_scores = [column for name in names for column in (name, f"{name}_low", f"{name}_high")]
    cells = []
    for row in rows:
        scores: list[Cell] = []
        for name in names:
            score = row.find(name)
            scores += [None] * 3 if score is None else [score.value, score.low, score.high]
        costs: list[Cell] = [getattr(row, name) for name in COSTS]
        unread = row.n_unreadable
        cells.append(
            (row.explainer, row.track, tier(row, found), *scores, row.chance, row.own.n, unread, *costs)
        )
    columns = ("explainer", "track", "tier", *of_scores, "chance", "n", "unreadable", *COSTS)
    return Rows(columns=columns, cells=tuple(cells))


def _models(result: RunResult, scenario: str, records: Sequence[GroupRecord]) -> Rows:
    """A row for each model: its pictures once, its truth, and what was read of every explainer."""
    explainers = result.plan.explainers
    read = {(record.group, record.explainer): record for record in records}
    cells: list[tuple[Cell, ...]] = []
    for group in result.plan.groups:
        if group.scenario != scenario:
            continue
        own = [read.get((group.id, explainer)) for explainer in explainers]
        certified = next((record.certified for record in own if record is not None), None)
        base, *personalized = _pictures(result, group)
        for place, trial in enumerate(group.trials):
            readings = ["" if record is None else _reading(record.trials[place]) for record in own]
            cells.append((group.id, label(trial, group), certified, base, personalized[place], *readings))
    columns = ("group", "model", "certified", "base", "personalized", *explainers)
    return Rows(columns=columns, cells=tuple(cells))


def _pictures(result: RunResult, group: Group) -> list[Image.Image | None]:
    sheet, n_rows = sheet_path(result.plan.files.grid(group)), len(group.trials) + 1
    return list(rows_of(sheet, n_rows)) if sheet.exists() else [None] * n_rows


def _explanations(result: RunResult, records: Sequence[GroupRecord]) -> Rows:
    """A row for what each explainer said of each model."""
    groups = {group.id: group for group in result.plan.groups}
    cells = tuple(
        (
            record.group,
            label(trial, groups[record.group]),
            record.explainer,
            _reading(told),
            told.outcome,
            told.named or "",
            _words(told),
            told.detail or "\n".join(told.replies),
        )
        for record in records
        for trial, told in zip(groups[record.group].trials, record.trials, strict=True)
    )
    columns = ("group", "model", "explainer", "reading", "outcome", "named", "explanation", "replies")
    return Rows(columns=columns, cells=cells)


def _reading(trial: TrialRecord) -> str:
    return trial.outcome if trial.reading is None else ", ".join(f"{value:.4g}" for value in trial.reading)


def _words(trial: TrialRecord) -> str:
    return trial.text or ", ".join(f"{one.concept} {one.amount:.3g}" for one in trial.claims)
