"""Tables of scores: explainers by rows, runs by columns, every cell from the records of a run."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

from benchmark.config.settings import Settings
from benchmark.paper.cells import Cell
from benchmark.paper.desk import Desk
from benchmark.paper.specification import Column, Row, Specification
from benchmark.plan.scenarios import SCENARIOS
from benchmark.record.records import GroupRecord
from benchmark.score.scores import Score, own_score
from benchmark.score.statistics import t_interval

SCALES = {"percent": 100.0}
"""How many of a unit a score of 1 is; 1 of all others."""
_END = "end of concepts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The cells of a table, and what must be said of them."""

    cells: dict[tuple[str, str], Cell]
    remarks: tuple[str, ...] = ()


def measure(spec: Specification, desk: Desk) -> Measured:
    """Every row in every column."""
    cells: dict[tuple[str, str], Cell] = {}
    remarks: list[str] = []
    for name, column in spec.columns.items():
        for words, rows in _by_words(spec).items():
            if why := _cannot(spec, column, desk, words):
                cells |= {(row, name): Cell(why=why) for row in rows}
                continue
            result = desk.run(desk.asked.settings(spec, [*column.words, *words], _explainers(rows)))
            for row, given in rows.items():
                own = [one for one in result.records if one.explainer == given.explainer]
                kept = chosen(own, column)
                cells[row, name] = _cell(kept, given, column, spec.unit)
                remarks += _said(kept, given, f"{row}, {name}")
    return Measured(cells=cells, remarks=tuple(dict.fromkeys(remarks)))


def runs(spec: Specification, desk: Desk) -> Iterator[Settings]:
    """What the table needs of the runner."""
    for column in spec.columns.values():
        for words, rows in _by_words(spec).items():
            if not _cannot(spec, column, desk, words):
                yield desk.asked.settings(spec, [*column.words, *words], _explainers(rows))


def chosen(records: Sequence[GroupRecord], column: Column) -> list[GroupRecord]:
    """The records of a column's groups, with its levels only."""
    groups = [one for one in records if column.groups is None or set(one.aspects) & set(column.groups)]
    return [one if column.levels is None else with_levels(one, column.levels) for one in groups]


def with_levels(record: GroupRecord, n: int) -> GroupRecord:
    """A series with `n` of its levels, evenly spread, the first and the last among them."""
    from finexl.discovery import evenly_spread  # late: it brings torch, and a dry run needs none

    places = evenly_spread(len(record.trials), n)
    pairs = record.provenance.pairs
    return record.model_copy(
        update={
            "trials": tuple(record.trials[place] for place in places),
            "provenance": record.provenance.model_copy(
                update={"pairs": tuple(pairs[place] for place in places)}
            ),
        }
    )


def _by_words(spec: Specification) -> dict[tuple[str, ...], dict[str, Row]]:
    """Rows that one run measures together."""
    found: dict[tuple[str, ...], dict[str, Row]] = {}
    for name, row in spec.rows.items():
        found.setdefault(row.words, {})[name] = row
    return found


def _explainers(rows: dict[str, Row]) -> list[str]:
    return [row.explainer for row in rows.values() if row.explainer]


def _cannot(spec: Specification, column: Column, desk: Desk, words: Sequence[str]) -> str:
    """Why a column cannot be measured with what is asked; "" where it can."""
    settings = desk.asked.settings(spec, [*column.words, *words])
    if column.levels is not None and column.levels > settings.preset.n_levels:
        return (
            f"preset={settings.preset.name} has {settings.preset.n_levels} levels; "
            f"preset.n_levels={column.levels} has enough"
        )
    if spec.reads_prompts and settings.vlm.kind == "miniature":
        return (
            f"vlm={settings.vlm.name} answers from images alone and does not read the question; "
            "vlm=openai or vlm=replay with a recording does"
        )
    return ""


def _cell(records: Sequence[GroupRecord], row: Row, column: Column, unit: str) -> Cell:
    if not records:
        wanted = f" of {', '.join(column.groups)}" if column.groups else ""
        return Cell(why=f"the run has no group{wanted}")
    match row.quantity:
        case "n_concepts":
            return _mean([[float(len(one.claims)) for one in record.trials] for record in records], records)
        case "residual":
            residuals = [
                [one.residual for one in record.trials if one.residual is not None] for record in records
            ]
            return _mean([each for each in residuals if each], records, ends=(0.0, 1.0))
        case _:
            own = own_score(records, SCENARIOS[records[0].scenario].scoring)
            if own is None:
                return Cell(why="no truth is known here")
            return _of_score(own, records, scale=SCALES.get(unit, 1.0))


def _of_score(own: Score, records: Sequence[GroupRecord], *, scale: float) -> Cell:
    return Cell(
        measured=own.value * scale,
        low=None if own.low is None else own.low * scale,
        high=None if own.high is None else own.high * scale,
        n=own.n,
        chance=own.chance * scale,
        certified=sum(record.certified for record in records) / len(records),
    )


def _mean(
    values: Sequence[Sequence[float]],
    records: Sequence[GroupRecord],
    *,
    ends: tuple[float, float] | None = None,
) -> Cell:
    """The mean over groups of what their models have."""
    if not values:
        return Cell(why="no explanation has this number")
    units = [fmean(each) for each in values]
    interval = None if ends is None else t_interval(units, ends=ends)
    return Cell(
        measured=fmean(units),
        low=interval.low if interval else None,
        high=interval.high if interval else None,
        n=len(units),
        certified=sum(record.certified for record in records) / len(records),
    )


def _said(records: Sequence[GroupRecord], row: Row, where: str) -> Iterator[str]:
    """What numbers of explanations hide: models that nothing could be read of, and thresholds that were not reached."""
    trials = [trial for record in records for trial in record.trials]
    unread = sum(trial.reading is None for trial in trials)
    if unread:
        yield f"{where}: {unread} of {len(trials)} explanations could not be read."
    if row.quantity == "n_concepts" and trials:
        ended = sum(trial.notes.get("stopped_by") == _END for trial in trials)
        if ended:
            yield f"{where}: for {ended} of {len(trials)} models concepts ran out before the residual was so small."
