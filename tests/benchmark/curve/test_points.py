"""Which points a curve has."""

from pathlib import Path

import pytest

from benchmark.curve.points import Curve, Point, read_words
from finexl.errors import InvalidInputError


def points(*words: str) -> list[tuple[int, bool]]:
    return [(point.n_shown, point.paired) for point in read_words(words).points]


def test_a_curve_has_four_numbers_of_prompts_paired_and_unpaired() -> None:
    assert points("preset=full") == [(n, paired) for n in (4, 8, 16, 32) for paired in (False, True)]


def test_what_a_preset_has_too_few_prompts_for_is_left_out_and_said() -> None:
    curve = read_words(["preset=lite"])
    assert Point(n_shown=32, paired=False) not in curve.points and len(curve.points) == 7
    (line,) = curve.left_out
    assert "32 unpaired" in line and "preset.n_prompts=64" in line


def test_numbers_and_pairing_can_be_chosen() -> None:
    assert points("preset=smoke", "n_shown=6,2", "paired=true") == [(2, True), (6, True)]


def test_a_point_with_all_pairs_is_the_ordinary_run() -> None:
    curve = read_words(["preset=smoke", "n_shown=8"])
    (point,) = curve.points
    assert curve.at(point) == curve.settings


def test_points_are_runs_that_show_so_many_images() -> None:
    curve = read_words(["preset=smoke", "n_shown=2"])
    assert [(each.n_shown, each.paired) for each in map(curve.at, curve.points)] == [(2, False), (2, True)]


def test_models_are_made_again_once_for_all_points() -> None:
    curve = read_words(["preset=smoke", "redo=all"])
    redone = [curve.at(point).redo for point in curve.points]
    assert redone == ["all", "explanations", "explanations"]


def test_a_curve_has_a_folder_of_its_own() -> None:
    assert read_words(["preset=smoke", "scenario=sparse"]).settings.output == Path("runs/sparse-smoke-curve")
    assert read_words(["preset=smoke", "output=mine"]).settings.output == Path("mine")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["n_shown=0"], "`n_shown` of a curve must be given once, as numbers"),
        (["n_shown=few"], "Got 'few'"),
        (["n_shown=4", "n_shown=8"], "Got '4' and '8'"),
        (["paired=maybe"], "`paired` of a curve must be true or false"),
        (["n_shown=16"], r"must fit into preset\.n_prompts=8"),
    ],
)
def test_words_that_give_no_curve_are_refused(words: list[str], message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        read_words(["preset=smoke", *words])


def test_a_point_reads_as_what_is_shown() -> None:
    curve: Curve = read_words(["preset=smoke", "n_shown=4"])
    assert list(map(str, curve.points)) == ["4 unpaired images of each", "4 pairs"]
