"""Levels from words of degree and numbers."""

import pytest

from benchmark.read.degrees import DEGREES, RATING, degree, rated, scale_of


@pytest.mark.parametrize(
    ("words", "level"),
    [
        ("barely", 1),
        ("a little darker", 2),
        ("moderately dark", 5),
        ("much darker", 8),
        ("an extremely dark look", 10),
        ("very slightly", 1),
        ("extremely mild", 2),
        ("slight though very visible", 2),
        ("rather than dark", None),
        ("more pronounced", None),
        ("much more pronounced", 8),
        ("everyone", None),
        ("", None),
    ],
)
def test_words_state_a_degree(words: str, level: float | None) -> None:
    assert degree(words.split()) == level


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("7/10", 7),
        ("7.9 / 10", 7.9),
        ("10 out of 10", 10),
        ("0/10", 0),
        ("-3/10", -3),
        ("6-7/10", 6.5),
        ("3 out of 4", 7.5),
        ("70%", 7),
        ("120 percent", 10),
        ("4 stars", 8),
        ("from 3 to 8", 5),
        ("8 -> 3", -5),
    ],
)
def test_numbers_state_a_degree(text: str, level: float) -> None:
    found = RATING.fullmatch(text)
    assert found is not None and rated(found) == level


@pytest.mark.parametrize(
    "text", ["7 of 10 images", "80% of the pairs", "10 of the images", "1/10/2024", "24/7"]
)
def test_shares_of_images_and_dates_are_no_degrees(text: str) -> None:
    assert RATING.match(text) is None


@pytest.mark.parametrize(
    ("text", "factor"),
    [
        ("on a scale from 0 to 1", 10),
        ("a 1-5 scale", 2),
        ("scale of 1 to 100", 0.1),
        ("on a scale of 1-10", 1),
        ("vivid: 0.73", 1),
    ],
)
def test_numbers_are_of_ten_unless_the_text_states_a_scale(text: str, factor: float) -> None:
    assert scale_of(text)[0] == pytest.approx(factor)


def test_levels_of_words_ascend_within_one_to_ten() -> None:
    levels = [level for level, _ in DEGREES]
    assert levels == sorted(levels) and levels[0] == 1 and levels[-1] == 10


def test_no_word_stands_for_two_levels() -> None:
    words = [word for _, group in DEGREES for word in group.split(", ")]
    assert len(words) == len(set(words))
