"""Which way words point, and of whom they speak."""

import pytest

from benchmark.read.polarity import direction, is_of_base, operators


@pytest.mark.parametrize(
    ("words", "pointing"),
    [
        ("the very", 1),
        ("less", -1),
        ("without any", -1),
        ("no", 0),
        ("not", 0),
        ("isn't", 0),
        ("no less", 0),
        ("no lack of", 1),
        ("not without", 1),
        ("no longer", -1),
        ("not only", 1),
        ("aren't just", 1),
        ("no reduction in", 0),
        ("a decrease in", -1),
        ("the same", 0),
        ("similar to", 1),
        ("instead of", 0),
    ],
)
def test_operators_are_applied_from_the_inside_out(words: str, pointing: int) -> None:
    assert direction(operators(words.split())) == pointing


@pytest.mark.parametrize(
    ("words", "is_base"),
    [
        ("the base images are", True),
        ("the originals", True),
        ("the first image is", True),
        ("the second image is", False),
        ("the personalized images", False),
        ("more than the base images", None),
        ("compared to the original", None),
        ("than of the base images", None),
        ("a base color", None),
        ("before", True),
        ("than before", None),
        ("the images", None),
    ],
)
def test_a_clause_is_about_the_images_that_it_does_not_compare_with(words: str, is_base: bool | None) -> None:
    assert is_of_base(words.split()) is is_base
