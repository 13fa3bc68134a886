"""Captions are read by the words that they are made of."""

from dataclasses import replace

import pytest

from baselines.captioning.vocabulary import Marks, Vocabulary, stated_degrees

VOCABULARY = Vocabulary(
    words=("0", "?", "<", ">"),
    marks=Marks(pad="0", unknown="?", start="<", end=">"),
    aspects=("red", "water colour"),
    degrees={"slightly": 2.0, "": 6.0, "very": 8.0},
)


@pytest.mark.parametrize(
    ("caption", "stated"),
    [
        ("the second image is very red", {"red": 8.0}),
        ("red", {"red": 6.0}),
        ("very water colour and slightly red", {"water colour": 8.0, "red": 2.0}),
        ("water and colour", {}),
        ("there is no difference", {}),
        ("slightly red and very red", {"red": 8.0}),
    ],
)
def test_aspects_have_the_degree_of_the_adverb_before_them(caption: str, stated: dict[str, float]) -> None:
    assert stated_degrees(caption, VOCABULARY) == stated


def test_an_aspect_without_adverb_counts_once_where_degrees_do_not_say() -> None:
    for degrees in ({}, {"slightly": 2.0}):
        assert stated_degrees("red", replace(VOCABULARY, degrees=degrees)) == {"red": 1.0}
