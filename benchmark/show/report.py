"""The report: one HTML page that holds everything a person wants to look at of one or several runs, and runs nothing.

Concepts come from models, names and prompts from strangers. The template escapes all of them, the page has no
script, and its content policy admits none.
"""

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmark.record.files import write_atomically
from benchmark.score.scores import ScoreRow
from benchmark.show.applied import applied, dotted
from benchmark.show.charts import Chart, Confusion, Key, confusions, cost_chart, level_charts, track_keys
from benchmark.show.group_section import Section, sections
from benchmark.show.runs import RunResult, left_whole, read_left
from benchmark.show.score_section import ScenarioTable, scenario_table
from benchmark.show.score_table import number
from benchmark.show.templates import page_templates

MAX_PICTURED = 30
"""Groups of a page with images in it, over all its runs; of more groups the grids are only in their folders."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedRun:
    """What a run found, with what it was given and what made it."""

    result: RunResult
    settings: Mapping[str, Any]
    provenance: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioPart:
    """One scenario of a run: its table and what it looks like."""

    anchor: str
    name: str
    table: ScenarioTable
    keys: tuple[Key, ...]
    levels: tuple[Chart, ...]
    confusions: tuple[Confusion, ...]
    cost: Chart | None
    tracks: tuple[Key, ...]
    """What the hues of `cost` stand for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPart:
    """One run on the page."""

    anchor: str
    name: str
    result: RunResult
    scenarios: tuple[ScenarioPart, ...]
    sections: tuple[Section, ...]
    curve: str
    """A picture of its curves over prompts, as a data URI; "" where none were made."""
    points: tuple[tuple[str, ...], ...]
    """The curves as rows of a table: scenario, score, explainer, images, value and interval."""
    settings: Mapping[str, str]
    provenance: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """The own scores of every explainer over all tables of a page."""

    columns: tuple[tuple[str, str, str], ...]
    """Anchor, scenario with its run, and metric of each table."""
    rows: tuple[tuple[str, tuple[str, ...]], ...]


def write_report(runs: Sequence[FinishedRun], page: Path) -> None:
    """Publish a page of one or several runs."""
    write_atomically(page, render_report(runs).encode("utf-8", "replace"))


def render_report(runs: Sequence[FinishedRun]) -> str:
    """The page as text."""
    environment = page_templates("benchmark")
    environment.filters["number"] = number
    parts = tuple(_parts(runs))
    return environment.get_template("report.html.j2").render(runs=parts, glance=_glance(parts))


def _parts(runs: Sequence[FinishedRun]) -> Iterator[RunPart]:
    left = MAX_PICTURED
    for place, run in enumerate(runs, start=1):
        shown = tuple(sections(run.result, n_pictured=left))
        left = max(0, left - len(shown))
        curve, points = _curve(run.result.plan.files.folder)
        yield RunPart(
            anchor=f"run{place}",
            name=run.result.plan.name,
            result=run.result,
            scenarios=tuple(_scenarios(run.result, f"run{place}")),
            sections=shown,
            curve=curve,
            points=points,
            settings=dotted(applied(run.settings)),
            provenance=dotted(run.provenance),
        )


def _scenarios(result: RunResult, anchor: str) -> Iterator[ScenarioPart]:
    by_scenario: dict[str, list[ScoreRow]] = {}
    for row in result.rows:
        by_scenario.setdefault(row.scenario, []).append(row)
    for place, (name, rows) in enumerate(by_scenario.items(), start=1):
        order = [
            row.explainer for block in scenario_table(rows).blocks for row in (bar.row for bar in block.bars)
        ]
        records = sorted(
            (record for record in result.records if record.scenario == name),
            key=lambda record: order.index(record.explainer),
        )
        keys, charts = level_charts(records)
        yield ScenarioPart(
            anchor=f"{anchor}-{place}",
            name=name,
            table=scenario_table(rows),
            keys=keys,
            levels=charts,
            confusions=confusions(records),
            cost=cost_chart(rows),
            tracks=track_keys(rows),
        )


def _glance(parts: Sequence[RunPart]) -> Glance | None:
    """None where there is a single table: it says the same."""
    tables = [(part, scenario) for part in parts for scenario in part.scenarios]
    if len(tables) < 2:
        return None
    explainers = dict.fromkeys(row.explainer for part in parts for row in part.result.rows)
    values = [
        {bar.row.explainer: number(bar.row.value) for block in scenario.table.blocks for bar in block.bars}
        for _, scenario in tables
    ]
    return Glance(
        columns=tuple(
            (scenario.anchor, part.name, f"{scenario.table.own.name} {_ARROWS[scenario.table.own.direction]}")
            for part, scenario in tables
        ),
        rows=tuple((name, tuple(value.get(name, "–") for value in values)) for name in explainers),
    )


_ARROWS = {"lower": "↓", "higher": "↑"}


def _curve(folder: Path) -> tuple[str, tuple[tuple[str, ...], ...]]:
    """The picture and the points that `curve` left in a run's folder, if it did."""
    picture, values = folder / "curve.svg", folder / "curve.json"
    if not (picture.is_file() and values.is_file()):
        return "", ()
    uri = "data:image/svg+xml;base64," + base64.b64encode(picture.read_bytes()).decode("ascii")
    lines = read_left(values)
    with left_whole(values):
        return uri, tuple(
            (
                line["scenario"],
                line["score"],
                line["explainer"],
                f"{spot['n_shown']} {'pairs' if line['paired'] else 'unpaired'}",
                number(spot["value"]),
                "–" if spot["low"] is None else f"{number(spot['low'])}–{number(spot['high'])}",
            )
            for line in lines["curves"]
            for spot in line["spots"]
        )
