"""Hypotheses of any length are read from lists, and nothing that is none."""

import pytest

from finexl.hypotheses import read_hypotheses

READABLE = {
    '- "A very vivid photo"\n- film grain.': ("a very vivid photo", "film grain"),
    "1. a house with brown walls and a slightly grainy sky\n2) dark": (
        "a house with brown walls and a slightly grainy sky",
        "dark",
    ),
    "Here are ten:\n* **low quality**\n* low quality\n* clutter (mugs, cars)": ("low quality", "clutter"),
    "vivid, grainy": ("vivid", "grainy"),
}


@pytest.mark.parametrize(("text", "hypotheses"), READABLE.items())
def test_lists_of_every_shape_are_read(text, hypotheses):
    found = read_hypotheses(text)
    assert (found.concepts, found.outcome) == (hypotheses, "ok")


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("no difference", "empty"),
        ("", "empty"),
        ("- I'm sorry, I can't help with that.", "refused"),
        ("- " + "very " * 20 + "vivid", "unparsable"),
    ],
)
def test_what_holds_no_hypothesis_is_a_typed_outcome(text, outcome):
    found = read_hypotheses(text)
    assert (found.concepts, found.outcome) == ((), outcome)


def test_a_line_that_denies_a_difference_is_no_hypothesis():
    assert read_hypotheses("- a vivid photo\n- no difference in light").concepts == ("a vivid photo",)
