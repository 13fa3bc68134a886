"""Figure 7: what explainers say of models at a low, a middle and a high level, in their own words."""

import textwrap
from collections.abc import Iterator

from benchmark.paper.desk import Desk
from benchmark.paper.figures.figure import PaperFigure, figure
from benchmark.paper.figures.series import records_of
from benchmark.paper.specification import Specification
from benchmark.record.records import TrialRecord
from benchmark.show.drawing import FAINT, INK, Drawing, Mark, Stroke, Words

_N_LEVELS = 3
_NAME, _COLUMN, _LINE, _HEAD = 110.0, 230.0, 13.0, 46.0
_LETTERS, _MOST_LINES = 40, 7
_MOST_CLAIMS = 4


def draw(spec: Specification, desk: Desk) -> PaperFigure:
    """A row for each explainer, a column for each level of the first series."""
    from finexl.discovery import evenly_spread  # late: it brings torch, and a dry run needs none

    names = {row.explainer: label for label, row in spec.rows.items()}
    records = records_of(spec, desk)
    first = [record for record in records if record.group == records[0].group]
    said = {
        names.get(record.explainer, record.explainer): [
            words_of(record.trials[place]) for place in evenly_spread(len(record.trials), _N_LEVELS)
        ]
        for record in first
    }
    places = evenly_spread(len(first[0].trials), _N_LEVELS)
    levels = [f"level {first[0].trials[place].truth[0]}" for place in places]
    drawing = _drawing(first[0].group, levels, said)
    return figure(spec, drawing, {"group": first[0].group, "levels": levels, "said": said})


def words_of(trial: TrialRecord) -> str:
    """An explanation as a person reads it: its text, or its strongest claims."""
    if trial.kind == "text":
        return trial.text.replace(" - ", "\n- ") or "(an empty text)"
    if trial.kind == "none":
        return f"(no explanation: {trial.outcome})"
    claims = sorted(trial.claims, key=lambda claim: -abs(claim.amount))[:_MOST_CLAIMS]
    return (
        ", ".join(f"{claim.concept} {claim.amount:.2g}" for claim in claims)
        or "(nothing: no detectable change)"
    )


def _drawing(title: str, levels: list[str], said: dict[str, list[str]]) -> Drawing:
    wrapped = {name: [_wrapped(text) for text in texts] for name, texts in said.items()}
    width = _NAME + _COLUMN * len(levels)
    marks: list[Mark] = [Words(at=(10.0, 20.0), text=title, size=11.0)]
    marks += [
        Words(at=(_NAME + place * _COLUMN, 38.0), text=level, size=10.0, color=FAINT)
        for place, level in enumerate(levels)
    ]
    top = _HEAD
    for name, columns in wrapped.items():
        marks += _row(name, columns, top, width)
        top += max(1, *map(len, columns)) * _LINE + 12
    return Drawing(width=width, height=top + 6, marks=marks)


def _wrapped(text: str) -> list[str]:
    """The lines of a text, long ones in several; what there is no room for is dots."""
    lines = [piece for line in text.splitlines() for piece in textwrap.wrap(line, _LETTERS)]
    return lines if len(lines) <= _MOST_LINES else [*lines[: _MOST_LINES - 1], "…"]


def _row(name: str, columns: list[list[str]], top: float, width: float) -> Iterator[Mark]:
    yield Stroke(spots=((10.0, top), (width - 10, top)), color="#d1d5db")
    yield Words(at=(10.0, top + _LINE + 2), text=name, size=10.0, color=INK)
    for place, lines in enumerate(columns):
        for number, line in enumerate(lines):
            yield Words(at=(_NAME + place * _COLUMN, top + (number + 1) * _LINE + 2), text=line, size=9.5)
