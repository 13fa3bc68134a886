"""Figure 8: what is claimed of each of two aspects over the mixtures of a lattice, beside their levels."""

from benchmark.paper.desk import Desk
from benchmark.paper.figures.charts import COLORS, Chart, Line, drawing_of
from benchmark.paper.figures.figure import PaperFigure, figure
from benchmark.paper.figures.series import records_of
from benchmark.paper.specification import Specification

_CHARTS = 6


def draw(spec: Specification, desk: Desk) -> PaperFigure:
    """A chart for each pair: claimed amounts as lines, true levels dashed, on the scale of the largest amount."""
    charts, data = [], []
    for record in records_of(spec, desk)[:_CHARTS]:
        trials = sorted(record.trials, key=lambda trial: trial.truth)
        lines = []
        for place, aspect in enumerate(record.aspects):
            said = tuple(None if trial.reading is None else trial.reading[place] for trial in trials)
            top = max((abs(value) for value in said if value is not None), default=0.0) or 1.0
            most = max(trial.truth[place] for trial in trials) or 1
            truth = tuple(trial.truth[place] / most * top for trial in trials)
            lines += [
                Line(name=f"claimed amount of {aspect}", values=said, color=COLORS[place]),
                Line(name=f"level of {aspect}", values=truth, color=COLORS[place], width=1.0, dashed=True),
            ]
        mixtures = tuple("+".join(map(str, trial.truth)) for trial in trials)
        charts.append(
            Chart(
                title=" and ".join(record.aspects),
                ticks=mixtures,
                axis="levels of the two aspects",
                lines=tuple(lines),
            )
        )
        data.append(
            {
                "group": record.group,
                "aspects": record.aspects,
                "truths": [trial.truth for trial in trials],
                "readings": [trial.reading for trial in trials],
            }
        )
    return figure(spec, drawing_of(charts), {"pairs": data})
