"""Which words name an aspect."""

import pytest

from benchmark.read.lexicon import Lexicon
from benchmark.read.statements import statements
from finetune.miniature.aspects import ASPECTS

LEXICON = Lexicon({name: aspect.synonyms for name, aspect in ASPECTS.items()})


def named(words: str, lexicon: Lexicon = LEXICON) -> list[str]:
    return [aspect for one in statements(words, lexicon) for aspect in one.aspects]


@pytest.mark.parametrize(
    ("words", "aspect"),
    [
        ("vivid", "vivid"),
        ("More Vivid Colors", "vivid"),
        ("vividly colored", "vivid"),
        ("vividness", "vivid"),
        ("blurrier", "blurry"),
        ("the blurriest images", "blurry"),
        ("background blur", "blurry"),
        ("film grain", "grainy"),
        ("motion blurred", "streaked"),
        ("motion-blurred", "streaked"),
        ("warmer tones", "warm"),
        ("sepia_tone style", "sepia"),
        ("stripes", "striped"),
        ("thick outlines", "outlined"),
        ("high contrast", "contrasty"),
        ("out of focus", "blurry"),
        ("saturation", "vivid"),
        ("vibrancy", "vivid"),
        ("warmth", "warm"),
        ("vignetting", "vignetted"),
        ("a faint glow", "glowing"),
        ("posterization", "posterised"),
    ],
)
def test_an_aspect_is_named_by_any_form_of_its_names(words: str, aspect: str) -> None:
    assert named(words) == [aspect]


@pytest.mark.parametrize(
    "words", ["", "purple", "lividly", "darkroomy", "pictures of a house", "divided", "a shift"]
)
def test_parts_of_other_words_name_nothing(words: str) -> None:
    assert named(words) == []


@pytest.mark.parametrize("name", sorted(ASPECTS))
def test_every_name_of_the_miniature_names_its_own_aspect_only(name: str) -> None:
    for synonym in ASPECTS[name].synonyms:
        assert set(named(f"a {synonym} photo")) == {name}


def test_several_aspects_are_found_in_order() -> None:
    assert named("grainy and sepia") == ["grainy", "sepia"]


def test_a_word_for_two_aspects_names_both() -> None:
    shared = Lexicon({"bright": ("light",), "pale": ("light",)})
    assert named("a lighter photo", shared) == ["bright", "pale"]
