"""Labels become words, and captions that name an aspect are found."""

import pytest

from finetune.corpora.naming import english, first_caption, names_of, pattern, repaired
from finexl.errors import InvalidInputError, UnknownNameError


@pytest.mark.parametrize(
    ("label", "meant"),
    [
        ("joaquã\xadn-sorolla", "joaquín-sorolla"),
        ("JoaquÃ\xadn", "Joaquín"),
        ("Gustave DorÃ©", "Gustave Doré"),
        ("são-paulo", "são-paulo"),
        ("vincent-van-gogh", "vincent-van-gogh"),
        ("東山", "東山"),
    ],
)
def test_misread_utf_8_is_repaired_and_nothing_else(label: str, meant: str) -> None:
    assert repaired(label) == meant


def test_a_label_is_words() -> None:
    assert english("vincent-van-gogh") == "vincent van gogh"
    assert english("_Abstract_Expressionism") == "Abstract Expressionism"


def test_a_label_names_itself_unless_words_are_given() -> None:
    given = {"claude-monet": ("Monet", "Claude Monet")}
    names = names_of(("claude-monet", "sam-francis"), given)
    assert names == {"claude-monet": ("Monet", "Claude Monet"), "sam-francis": ("sam francis",)}


def test_words_for_an_unknown_aspect_are_an_error() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean names=vivid"):
        names_of(("vivid",), {"vived": ("vivid",)})


def test_one_string_is_not_a_list_of_words() -> None:
    with pytest.raises(InvalidInputError, match="list of words"):
        names_of(("vivid",), {"vivid": "vivid"})


@pytest.mark.parametrize(
    ("caption", "found"),
    [
        ("A Neon-lit street", True),
        ("neon lit", True),
        ("neonlit", False),
        ("a vivid!", True),
        ("livid", False),
    ],
)
def test_words_are_found_whole(caption: str, found: bool) -> None:
    assert bool(pattern(("neon-lit", "vivid")).search(caption)) is found


def test_no_words_are_found_nowhere() -> None:
    assert not pattern(()).search("")


@pytest.mark.parametrize(
    "cell",
    ["a  cat\n", ["a cat", "a dog"], [{"raw": "a cat"}, {"raw": "a dog"}], ["", "a cat"], {"text": "a cat"}],
)
def test_the_first_caption_of_a_cell_is_read_in_every_known_form(cell: object) -> None:
    assert first_caption(cell) == "a cat"


@pytest.mark.parametrize("cell", [None, "", " ", [], [""], 3, {"other": "x"}])
def test_a_cell_without_text_has_no_caption(cell: object) -> None:
    assert first_caption(cell) is None
