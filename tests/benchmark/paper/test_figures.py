"""Figures from records by hand."""

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from record_makers import claims, group_record, pair_record, series_record, trial

from benchmark.paper.asking import read_words
from benchmark.paper.desk import Desk, Done
from benchmark.paper.figures import lattice, series, texts
from benchmark.paper.figures.charts import COLORS, Chart, Line, drawing_of
from benchmark.paper.figures.series import amounts_of, claimed, straightness, strongest
from benchmark.paper.specification import specification
from benchmark.record.records import GroupRecord, ReadClaim
from benchmark.show.drawing import Disc, Drawing, Picture, Words


def desk(tmp_path: Path, *records: GroupRecord) -> Desk:
    asked = read_words([f"output={tmp_path}", f"store={tmp_path}"])
    return Desk(asked=asked, do=lambda _: Done(records=records))


def test_a_spot_lies_in_proportion_to_its_value() -> None:
    line = Line(name="x", values=(0.0, 1.0, 2.0), color=COLORS[0])
    marks = drawing_of([Chart(title="t", ticks=("1", "2", "3"), axis="a", lines=(line,))]).marks
    (_, foot), (_, middle), (_, top) = [mark.at for mark in marks if isinstance(mark, Disc)]
    assert foot - middle == pytest.approx(middle - top) and foot > top


@pytest.mark.parametrize(("low", "numbers"), [(-1.0, ["−1", "0", "2"]), (-0.01, ["0", "2"])])
def test_numbers_of_an_axis_do_not_lie_on_each_other(low: float, numbers: list[str]) -> None:
    line = Line(name="x", values=(low, 2.0), color=COLORS[0])
    marks = drawing_of([Chart(title="t", ticks=("a", "b"), axis="", lines=(line,))]).marks
    assert [mark.text for mark in marks if isinstance(mark, Words) and mark.anchor == "end"] == numbers


def test_a_gap_has_no_spot() -> None:
    line = Line(name="x", values=(0.0, None, 2.0), color=COLORS[0])
    marks = drawing_of([Chart(title="t", ticks=("1", "2", "3"), axis="a", lines=(line,))]).marks
    assert sum(isinstance(mark, Disc) for mark in marks) == 2


def test_a_picture_is_shown_in_both_forms() -> None:
    red = np.full((2, 2, 3), (255, 0, 0), np.uint8)
    drawing = Drawing(width=10.0, height=10.0, marks=[Picture(at=(2.0, 2.0), side=4.0, pixels=red)])
    root = ElementTree.fromstring(drawing.svg())
    assert root[1].attrib["width"] == "4" and root[1].attrib["href"].startswith("data:image/png;base64,")
    assert drawing.png().startswith(b"\x89PNG")


def test_a_composite_word_is_worth_its_shares() -> None:
    vintage = ReadClaim(concept="vintage", amount=8.0, aspects=(("sepia", 0.75), ("grainy", 0.25)))
    assert amounts_of(trial((1,), (1.0,), read_claims=(vintage,))) == {"sepia": 6.0, "grainy": 2.0}


def test_the_true_aspect_comes_first_and_then_what_is_claimed_most() -> None:
    amounts = {"a": (1.0,), "b": (-5.0,), "vivid": (0.1,), "c": (2.0,), "d": (0.5,)}
    assert strongest(amounts, ["vivid"]) == ["vivid", "b", "c", "a"]


def test_an_aspect_that_is_not_claimed_at_a_level_is_zero_there() -> None:
    models = (trial((1,), (0.0,)), trial((2,), (3.0,), read_claims=claims(vivid=3.0)))
    assert claimed(group_record("single_aspect", models)) == {"vivid": (0.0, 3.0)}


def test_a_line_that_bends_is_positive_and_not_straight() -> None:
    facts = straightness([1, 2, 3, 4], [1.0, 4.0, 9.0, 16.0])
    assert facts["τ"] == 1.0 and 0.9 < facts["R²"] < 1.0 and facts["R²"] == pytest.approx(facts["r"] ** 2)


def test_what_never_changes_has_no_correlation() -> None:
    assert straightness([1, 2, 3], [2.0, 2.0, 2.0])["r"] is None


def test_figure_6_says_where_nothing_is_claimed(tmp_path: Path) -> None:
    found = series.draw(specification("figure", 6), desk(tmp_path, series_record([0.0, 0.0])))
    assert found.remarks == ("g: nothing is claimed at any level.",)


def test_figure_9_draws_amounts_with_a_straight_line(tmp_path: Path) -> None:
    record = series_record([1.0, 4.0, 9.0])
    (one,) = series.draw_scales(specification("figure", 9), desk(tmp_path, record)).data["series"]
    assert one["amounts"] == (1.0, 4.0, 9.0) and one["scales"] == (1, 2, 3) and one["r"] > 0.9


def test_figure_9_says_what_is_claimed_where_the_feature_is_not(tmp_path: Path) -> None:
    models = tuple(trial((level,), (0.0,), read_claims=claims(hat=1.0)) for level in (1, 2, 3))
    found = series.draw_scales(
        specification("figure", 9),
        desk(tmp_path, group_record("single_aspect", models, explainer="finexl_paper")),
    )
    assert found.remarks == (
        "g, FineXL: vivid is claimed alike at every scale, which has no slope; most is claimed of hat.",
    )


def test_figure_8_orders_mixtures_by_their_levels(tmp_path: Path) -> None:
    record = pair_record([(0.0, 0.0), (0.0, 1.0), (0.0, 2.0), (1.0, 0.0), (1.0, 1.0), None])
    (one,) = lattice.draw(specification("figure", 8), desk(tmp_path, record)).data["pairs"]
    assert one["truths"] == sorted(one["truths"]) and one["readings"][-1] is None


def test_figure_7_shows_what_was_said_low_in_the_middle_and_high(tmp_path: Path) -> None:
    record = series_record([1.0, 2.0, 3.0, 4.0, 5.0], explainer="finexl_paper")
    found = texts.draw(specification("figure", 7), desk(tmp_path, record))
    assert found.data["levels"] == ["level 1", "level 3", "level 5"]
    assert found.data["said"] == {"FineXL": ["vivid 0.5"] * 3}
