"""Figures 6 and 9: what is claimed over the levels of a series, aspect by aspect, and against the scales of edits."""

from collections.abc import Iterator, Sequence

import numpy as np

from benchmark.config.settings import Settings
from benchmark.paper.desk import Desk
from benchmark.paper.figures.charts import COLORS, Chart, Line, drawing_of
from benchmark.paper.figures.figure import PaperFigure, figure
from benchmark.paper.specification import Specification
from benchmark.record.records import GroupRecord, TrialRecord
from benchmark.score.kendall_tau import kendall_tau_b

_LINES = 4
_CHARTS = 6


def runs(spec: Specification, desk: Desk) -> Iterator[Settings]:
    """The one run whose explanations are drawn."""
    yield desk.asked.settings(spec, [], [row.explainer for row in spec.rows.values() if row.explainer])


def records_of(spec: Specification, desk: Desk) -> tuple[GroupRecord, ...]:
    """What the explainers of a figure said."""
    (settings,) = runs(spec, desk)
    return desk.run(settings).records


def draw(spec: Specification, desk: Desk) -> PaperFigure:
    """The strongest claims over levels, a chart for each series."""
    records = records_of(spec, desk)[:_CHARTS]
    charts, data = [], []
    for record in records:
        amounts = claimed(record)
        lines = [
            Line(
                name=f"{name} (true)" if name in record.aspects else name,
                values=amounts[name],
                color=COLORS[place],
            )
            for place, name in enumerate(strongest(amounts, record.aspects))
        ]
        levels = tuple(str(trial.truth[0]) for trial in record.trials)
        charts.append(
            Chart(
                title=f"amounts claimed of {' and '.join(record.aspects)}",
                ticks=levels,
                axis="level",
                lines=tuple(lines),
            )
        )
        data.append({"group": record.group, "levels": levels, "amounts": amounts})
    return figure(spec, drawing_of(charts), {"series": data}, tuple(_silent(records)))


def draw_scales(spec: Specification, desk: Desk) -> PaperFigure:
    """The amount of the edited feature against the scale of the edit, with how straight the line is."""
    names = {row.explainer: label for label, row in spec.rows.items()}
    by_group: dict[str, list[GroupRecord]] = {}
    for record in records_of(spec, desk):
        by_group.setdefault(record.group, []).append(record)
    charts, data, remarks = [], [], []
    for group, records in [*by_group.items()][:_CHARTS]:
        lines: list[Line] = []
        for place, record in enumerate(records):
            row, aspect = names.get(record.explainer, record.explainer), record.aspects[0]
            values = tuple(None if trial.reading is None else trial.reading[0] for trial in record.trials)
            scales = tuple(trial.truth[0] for trial in record.trials)
            facts = straightness(scales, values)
            color = COLORS[place % len(COLORS)]
            lines.append(Line(name=f"{row}: amount of {aspect}", values=values, color=color))
            if fitted := facts.pop("fitted"):
                lines.append(Line(name=f"{row}: straight line", values=fitted, color=color, dashed=True))
            data.append(
                {"group": group, "row": row, "aspect": aspect, "scales": scales, "amounts": values, **facts}
            )
            remarks.append(f"{group}, {row}: {_said_of(record, facts)}.")
        ticks = tuple(str(trial.truth[0]) for trial in records[0].trials)
        charts.append(
            Chart(
                title=" and ".join(records[0].aspects),
                ticks=ticks,
                axis="level, in even steps of the scale",
                lines=tuple(lines),
            )
        )
    return figure(spec, drawing_of(charts), {"series": data}, tuple(remarks))


def _said_of(record: GroupRecord, facts: dict[str, float | None]) -> str:
    """How straight a line is; where it says nothing, what was claimed instead."""
    if any(value is not None for value in facts.values()):
        told = {key: "undefined" if value is None else f"{value:.2f}" for key, value in facts.items()}
        return ", ".join(f"{key} {value}" for key, value in told.items())
    amounts = claimed(record)
    others = ", ".join(strongest(amounts, ())) or "nothing"
    return f"{record.aspects[0]} is claimed alike at every scale, which has no slope; most is claimed of {others}"


def straightness(scales: Sequence[int], values: Sequence[float | None]) -> dict:
    """Kendall's τ, Pearson's r and R² of a straight line through what could be read; None where nothing varies.

    >>> facts = straightness([1, 2, 3], [2.0, 4.0, 6.0])
    >>> round(facts["r"], 6), round(facts["R²"], 6), facts["τ"]
    (1.0, 1.0, 1.0)
    """
    kept = [(scale, value) for scale, value in zip(scales, values, strict=True) if value is not None]
    x, y = (np.array(each, dtype=float) for each in (zip(*kept, strict=True) if kept else ((), ())))
    if len(kept) < 3 or not np.ptp(x) or not np.ptp(y):
        return {"τ": None, "r": None, "R²": None, "fitted": None}
    r = float(np.corrcoef(x, y)[0, 1])
    slope, start = np.polyfit(x, y, 1)
    return {
        "τ": kendall_tau_b(values, scales),
        "r": r,
        "R²": r**2,
        "fitted": tuple(float(slope * scale + start) for scale in scales),
    }


def claimed(record: GroupRecord) -> dict[str, tuple[float, ...]]:
    """How much is claimed of every aspect at each model; words that name none stand for themselves."""
    by_model = [amounts_of(trial) for trial in record.trials]
    names = dict.fromkeys(name for amounts in by_model for name in amounts)
    return {name: tuple(amounts.get(name, 0.0) for amounts in by_model) for name in names}


def amounts_of(trial: TrialRecord) -> dict[str, float]:
    """The amounts of one explanation by aspect."""
    found: dict[str, float] = {}
    for claim in trial.read_claims:
        for name, share in claim.aspects or ((claim.concept, 1.0),):
            found[name] = found.get(name, 0.0) + share * claim.amount
    return found


def strongest(amounts: dict[str, tuple[float, ...]], true: Sequence[str]) -> list[str]:
    """The few aspects that most is claimed of anywhere, the true ones first."""
    order = sorted(amounts, key=lambda name: (name not in true, -max(map(abs, amounts[name]))))
    return order[:_LINES]


def _silent(records: Sequence[GroupRecord]) -> Iterator[str]:
    for record in records:
        if not claimed(record):
            yield f"{record.group}: nothing is claimed at any level."
        elif not set(record.aspects) & set(claimed(record)):
            yield f"{record.group}: {', '.join(record.aspects)} is claimed at no level."
