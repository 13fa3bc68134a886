"""From a specification to a table or figure: measured, put beside what was printed, remarked on."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from benchmark.config.settings import Settings
from benchmark.paper.cells import PaperTable
from benchmark.paper.desk import Desk
from benchmark.paper.figures import examples, lattice, patches, series, texts, versions
from benchmark.paper.figures.figure import PaperFigure
from benchmark.paper.published import published
from benchmark.paper.remarks import remarks_on
from benchmark.paper.specification import Specification
from benchmark.paper.tables import ideals, naming, samples, scored, spaces
from benchmark.paper.tables.scored import Measured
from finexl.explain.harmless import shown
from finexl.notices import LONGEST, collected, united


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How tables are measured, and what of it is done by the runner."""

    measure: Callable[[Specification, Desk], Measured]
    runs: Callable[[Specification, Desk], Iterator[Settings]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """How figures are drawn, and what of it is done by the runner."""

    draw: Callable[[Specification, Desk], PaperFigure]
    runs: Callable[[Specification, Desk], Iterator[Settings]]


TABLES: dict[str, Way] = {
    "ideals": Way(measure=ideals.measure, runs=ideals.runs),
    "naming": Way(measure=naming.measure, runs=naming.runs),
    "samples": Way(measure=samples.measure, runs=samples.runs),
    "scored": Way(measure=scored.measure, runs=scored.runs),
    "spaces": Way(measure=spaces.measure, runs=spaces.runs),
}
FIGURES: dict[str, Picture] = {
    "examples": Picture(draw=examples.draw, runs=examples.runs),
    "lattice": Picture(draw=lattice.draw, runs=series.runs),
    "patches": Picture(draw=patches.draw, runs=series.runs),
    "scales": Picture(draw=series.draw_scales, runs=series.runs),
    "series": Picture(draw=series.draw, runs=series.runs),
    "texts": Picture(draw=texts.draw, runs=series.runs),
    "versions": Picture(draw=versions.draw, runs=series.runs),
}
"""How things are measured, by the name that a specification gives."""


def runs_of(spec: Specification, desk: Desk) -> Iterator[Settings]:
    """What a table or figure needs of the runner."""
    way = TABLES[spec.measure] if spec.kind == "table" else FIGURES[spec.measure]
    return way.runs(spec, desk)


def make_table(spec: Specification, desk: Desk) -> PaperTable:
    """A table, with every cell beside the printed one."""
    with collected() as told:
        found = TABLES[spec.measure].measure(spec, desk)
    printed = published(spec.published) if spec.published else None
    cells = {}
    for (row, column), cell in found.cells.items():
        at = spec.columns[column].published or column
        value = printed.find(spec.rows[row].published, at) if printed else None
        cells[row, column] = replace(cell, published=value)
    said = [spec.note, printed.note if printed else "", *found.remarks]
    said += [f"Not as given: {shown(one.line, longest=LONGEST)}." for one in united(told.values())]
    table = PaperTable(
        name=spec.name,
        heading=spec.heading,
        title=spec.title,
        section=spec.section,
        unit=spec.unit,
        direction=printed.direction if printed else "higher",
        directions={name: each.direction for name, each in spec.columns.items() if each.direction},
        compares=spec.compares,
        digits=spec.digits if spec.unit != "percent" else 1,
        rows=tuple(spec.rows),
        columns=tuple(spec.columns),
        cells=cells,
        roles={row: given.role for row, given in spec.rows.items() if given.role},
        printed_rows={row: given.published for row, given in spec.rows.items() if given.published},
        printed_columns={name: each.published for name, each in spec.columns.items() if each.published},
        remarks=tuple(line for line in said if line),
    )
    return replace(table, remarks=remarks_on(table))


def make_figure(spec: Specification, desk: Desk) -> PaperFigure:
    """A figure, as a drawing and the numbers behind it."""
    with collected() as told:
        figure = FIGURES[spec.measure].draw(spec, desk)
    said = [f"Not as given: {shown(one.line, longest=LONGEST)}." for one in united(told.values())]
    return replace(figure, remarks=(*figure.remarks, *said))


def provenance(desk: Desk, command: str) -> dict[str, Any]:
    """Where pages come from: the command, the seed, and versions of what made them."""
    from benchmark.config.loading import load_settings
    from benchmark.parts.identity import benchmark_version, environment

    settings = load_settings(["scenario=single_aspect", *desk.asked.words])
    return {
        "command": command,
        "preset": desk.asked.preset,
        "seed": settings.seed,
        "versions": {"benchmark": benchmark_version(), **environment()},
    }
