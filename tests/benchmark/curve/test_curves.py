"""From runs at points to lines, files and tables."""

import json
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from ideal_bench import series
from PIL import Image
from record_makers import series_record
from rich.console import Console

from benchmark.config.settings import Settings, public_settings
from benchmark.curve.chart import PAIRED, UNPAIRED, curve_drawing
from benchmark.curve.curves import CurveResult, run_curve
from benchmark.curve.lines import Line, Spot, lines_of
from benchmark.curve.points import Point, read_words
from benchmark.curve.table import curve_table
from benchmark.plan.scenarios import scorings_of
from benchmark.record.records import GroupRecord
from benchmark.run.results import scored
from benchmark.score.scores import ScoreRow, score_rows
from benchmark.show.drawing import Disc, Drawing, Stroke, Words
from benchmark.show.runs import RunFiles, RunPlan, RunResult


def rows(readings: list[float]) -> tuple[ScoreRow, ...]:
    records = [series_record(readings, explainer=name) for name in ("finexl", "random")]
    return score_rows(records, scorings=scorings_of([series(len(readings))]))


RIGHT, WRONG = rows([1.0, 2.0, 3.0]), rows([3.0, 2.0, 1.0])
POINTS = [Point(n_shown=n, paired=paired) for n in (4, 8) for paired in (False, True)]


def found() -> tuple[Line, ...]:
    return lines_of({point: RIGHT if point.paired else WRONG for point in POINTS})


def test_a_line_has_every_number_of_prompts_and_keeps_pairs_apart() -> None:
    lines = {(line.score, line.explainer, line.paired): line for line in found()}
    assert len(lines) == 4 * 2 * 2
    spots = [(spot.n_shown, spot.value) for spot in lines["rank_mae", "finexl", True].spots]
    assert spots == [(4, 0.0), (8, 0.0)]
    assert {spot.value for spot in lines["rank_mae", "finexl", False].spots} == {4 / 3}


def test_lines_of_one_score_stand_together() -> None:
    assert [line.score for line in found()] == ["rank_mae"] * 4 + ["claim_f1"] * 4 + ["top_naming"] * 4 + [
        "comparability"
    ] * 4


def test_a_table_has_a_column_for_every_point_pairs_first() -> None:
    table, *_ = curve_table(found())
    assert [column.header for column in table.columns] == [
        "explainer", "4", "8", "4 unpaired", "8 unpaired",
    ]  # fmt: skip
    console = Console(width=100)
    with console.capture() as captured:
        console.print(table)
    assert "finexl      0.00   0.00         1.33         1.33" in captured.get()


def line(values: list[float], *, paired: bool = True, explainer: str = "mine") -> Line:
    spots = tuple(
        Spot(n_shown=2**place, value=value, low=None, high=None, n=3) for place, value in enumerate(values)
    )
    return Line(
        scenario="s",
        score="share",
        direction="higher",
        chance=0.25,
        explainer=explainer,
        paired=paired,
        spots=spots,
    )


def discs(drawing: Drawing, color: str) -> list[tuple[float, float]]:
    """Spots of a colour, without the one of the legend."""
    return [mark.at for mark in drawing.marks if isinstance(mark, Disc) and mark.color == color][1:]


def test_a_share_lies_between_the_foot_and_the_top_of_its_chart_in_proportion() -> None:
    (_, foot), (_, middle), (_, top) = discs(curve_drawing([line([0.0, 0.5, 1.0])]), PAIRED)
    assert foot - middle == pytest.approx(middle - top) and foot - top == pytest.approx(100.0)


def test_twice_the_prompts_are_always_as_far_to_the_right() -> None:
    (first, _), (second, _), (third, _) = discs(curve_drawing([line([0.0, 0.5, 1.0])]), PAIRED)
    assert second - first == pytest.approx(third - second) and second > first


def test_unpaired_lines_are_dashed_and_their_spots_hollow() -> None:
    marks = curve_drawing([line([0.1, 0.2], paired=False)]).marks
    assert {mark.filled for mark in marks if isinstance(mark, Disc) and mark.color == UNPAIRED} == {False}
    assert {mark.dashed for mark in marks if isinstance(mark, Stroke) and mark.color == UNPAIRED} == {True}


def test_a_chart_without_intervals_has_no_bars_and_one_with_them_has() -> None:
    bare = line([0.5])
    sure = Line(**{**{name: getattr(bare, name) for name in Line.__slots__}, "spots": (
        Spot(n_shown=1, value=0.5, low=0.25, high=0.75, n=8),
    )})  # fmt: skip
    bars = [
        [m for m in curve_drawing([each]).marks if isinstance(m, Stroke) and m.color == PAIRED][1:]
        for each in (bare, sure)
    ]
    assert bars[0] == [] and [bar.spots[0][1] - bar.spots[1][1] for bar in bars[1]] == [pytest.approx(50.0)]


def test_names_of_strangers_do_nothing_in_a_page() -> None:
    svg = curve_drawing([line([0.5], explainer="<script>\u202e")]).svg()
    ElementTree.fromstring(svg)
    assert b"<script" not in svg and "\u202e".encode() not in svg


def test_both_forms_of_a_drawing_show_its_marks(tmp_path: Path) -> None:
    drawing = Drawing(
        width=20.0, height=10.0, marks=[Disc(at=(5.0, 5.0), color="#ff0000"), Words(at=(9.0, 9.0), text="a")]
    )
    (tmp_path / "x.png").write_bytes(drawing.png())
    pixels = np.asarray(Image.open(tmp_path / "x.png"))
    assert pixels.shape == (20, 40, 3) and pixels[10, 10].tolist() == [255, 0, 0]
    assert b'<circle cx="5.0" cy="5.0"' in drawing.svg()


def test_a_minus_is_drawn_with_the_sign_that_the_font_has() -> None:
    drawn = [
        Drawing(width=40.0, height=20.0, marks=[Words(at=(5.0, 15.0), text=text)]) for text in ("−1", "-1")
    ]
    assert drawn[0].png() == drawn[1].png()
    assert "−1".encode() in drawn[0].svg()


class Running:
    """Stands in for a run: ranks are right where pairs are shown."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, bool]] = []

    def __call__(self, settings: Settings) -> RunResult:
        self.asked.append((settings.n_pairs, settings.paired))
        files = RunFiles(folder=settings.output)
        settings.output.mkdir(parents=True, exist_ok=True)
        written = {"settings": public_settings(settings), "provenance": {"benchmark": "1"}}
        files.results.write_text(json.dumps(written))
        records: list[GroupRecord] = [series_record([1.0, 2.0, 3.0] if settings.paired else [3.0, 2.0, 1.0])]
        plan = RunPlan(name="p", files=files, groups=(series(3),), explainers=("finexl",), n_reused=0)
        return scored(plan, records)


def test_a_curve_runs_every_point_and_writes_what_it_found(tmp_path: Path) -> None:
    running, told = Running(), list[str]()
    curve = read_words(["preset=smoke", f"output={tmp_path}"])
    result: CurveResult = run_curve(curve, tell=told.append, do=running)
    assert running.asked == [(4, False), (4, True), (8, True)]
    assert result.is_sound and told[0] == "4 unpaired images of each (point 1 of 3)"
    written = json.loads((tmp_path / "curve.json").read_text())
    assert written["points"][-1] == {"n_shown": 8, "paired": True}
    assert len(written["left_out"]) == 5 and "n_shown" not in written["settings"]
    values = {
        (one["score"], one["paired"]): [spot["value"] for spot in one["spots"]] for one in written["curves"]
    }
    assert values["rank_mae", True] == [0.0, 0.0] and values["rank_mae", False] == [4 / 3]
    assert {path.name for path in tmp_path.glob("curve.*")} == {"curve.json", "curve.png", "curve.svg"}
