"""Which words name an aspect."""

import pytest

from benchmark.read.lexicon import Lexicon
from finetune.miniature.aspects import ASPECTS

LEXICON = Lexicon({name: aspect.synonyms for name, aspect in ASPECTS.items()})


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
    ],
)
def test_an_aspect_is_named_by_any_form_of_its_names(words: str, aspect: str) -> None:
    assert [mention.aspect for mention in LEXICON.mentions(words)] == [aspect]


@pytest.mark.parametrize("words", ["", "purple", "lividly", "darkroomy", "pictures of a house", "divided"])
def test_parts_of_other_words_name_nothing(words: str) -> None:
    assert LEXICON.mentions(words) == ()


@pytest.mark.parametrize("name", sorted(ASPECTS))
def test_every_name_of_the_miniature_names_its_own_aspect_only(name: str) -> None:
    for synonym in ASPECTS[name].synonyms:
        assert {mention.aspect for mention in LEXICON.mentions(f"a {synonym} photo")} == {name}


@pytest.mark.parametrize("words", ["less vivid", "not very vivid", "no vivid colors", "without vivid hues"])
def test_absence_is_negated(words: str) -> None:
    assert [mention.negated for mention in LEXICON.mentions(words)] == [True]


def test_several_aspects_are_found_in_order() -> None:
    assert [mention.aspect for mention in LEXICON.mentions("grainy and sepia")] == ["grainy", "sepia"]


def test_a_word_for_two_aspects_names_both() -> None:
    shared = Lexicon({"bright": ("light",), "pale": ("light",)})
    assert [mention.aspect for mention in shared.mentions("a lighter photo")] == ["bright", "pale"]
