"""A curve over prompts: the same run at every point, and its scores put together.

All points share models, images and logs in one folder, so a curve that was killed goes on where it stopped, and a
score at more prompts costs explanations alone.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

from benchmark.config.settings import Settings
from benchmark.curve.chart import write_charts
from benchmark.curve.lines import Line, lines_of
from benchmark.curve.points import Curve, Point
from benchmark.record.recording import write_json
from benchmark.run.preview import questions_per_model
from benchmark.run.preview_costs import cost_lines
from benchmark.run.runner import run
from benchmark.run.workbench import SettingsWorkbench
from benchmark.show.runs import RunResult


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveResult:
    """What the runs of a curve found."""

    lines: tuple[Line, ...]
    is_sound: bool
    """Whether few enough explanations failed at every point."""


def run_curve(
    curve: Curve, *, tell: Callable[[str], None], do: Callable[[Settings], RunResult] = run
) -> CurveResult:
    """Do the run of every point, then write `curve.json`, `curve.png` and `curve.svg`; finished work is reused.

    `tell` hears which point is next.
    """
    results: dict[Point, RunResult] = {}
    for number, point in enumerate(curve.points, start=1):
        tell(f"{point} (point {number} of {len(curve.points)})")
        results[point] = do(curve.at(point))
    lines = lines_of({point: result.rows for point, result in results.items()})
    folder = curve.settings.output
    written = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    shown = {key: value for key, value in written["settings"].items() if key not in ("n_shown", "paired")}
    write_json(
        folder / "curve.json",
        {
            "schema_version": 1,
            "settings": shown,
            "provenance": written["provenance"],
            "points": [asdict(point) for point in curve.points],
            "left_out": list(curve.left_out),
            "curves": [asdict(line) for line in lines],
        },
        as_given=("settings",),
    )
    write_charts(lines, folder=folder)
    return CurveResult(lines=lines, is_sound=all(result.is_sound for result in results.values()))


def points_preview(curve: Curve) -> Iterator[str]:
    """What each point asks of vision-language models, as lines; models and images are made once for all."""
    n_models = sum(len(group.trials) for group in SettingsWorkbench(curve.settings).groups())
    yield f"{len(curve.points)} points, each with explanations of its own:"
    for point in curve.points:
        settings = curve.at(point)
        calls = sum(questions_per_model(explainer, point.n_shown) for explainer in settings.explainers)
        yield f"  {point}: at most {n_models * calls} VLM calls"
        yield from (f"    {line}" for line in cost_lines(settings, n_models=n_models))
    yield from curve.left_out
