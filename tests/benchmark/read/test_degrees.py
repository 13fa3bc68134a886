"""Levels from words and digits."""

import pytest

from benchmark.read.degrees import DEGREES, PLAIN, clauses, degree


@pytest.mark.parametrize(
    ("clause", "level"),
    [
        ("7/10", 7),
        ("10 out of 10", 10),
        ("0/10", 0),
        ("score: 3", 3),
        ("vivid = 4", 4),
        ("about 70%", 7),
        ("120 percent", 10),
        ("barely", 1),
        ("a little darker", 2),
        ("moderately dark", 5),
        ("much darker", 8),
        ("an EXTREMELY dark look", 10),
        ("slightly, in fact very dark", 8),
        ("dark", PLAIN),
        ("10 of the images are dark", PLAIN),
        ("everyone", PLAIN),
    ],
)
def test_a_clause_states_a_level(clause: str, level: int) -> None:
    assert degree(clause) == level


def test_levels_of_words_ascend_within_one_to_ten() -> None:
    levels = [level for level, _ in DEGREES]
    assert levels == sorted(set(levels)) and levels[0] == 1 and levels[-1] == 10


def test_no_word_stands_for_two_levels() -> None:
    words = [word for _, group in DEGREES for word in group]
    assert len(words) == len(set(words))


def test_clauses_are_cut_at_conjunctions_but_not_inside_words_or_numbers() -> None:
    assert clauses("A sandy, 2.5 times darker look. But grainy!") == (
        "A sandy",
        "2.5 times darker look",
        "grainy",
    )
