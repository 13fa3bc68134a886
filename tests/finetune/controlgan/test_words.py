"""Captions are read as the reference reads them; unknown words are left out."""

import json
from pathlib import Path

import pytest

from finetune.controlgan.words import Vocabulary, read_vocabulary, vocabulary_of, words_of, write_vocabulary
from finexl.errors import InvalidInputError

WORDS = vocabulary_of(["A red house", "a blue fish"])


def test_words_are_lower_case_letters_and_digits() -> None:
    assert words_of("A red-brown House, 2 fish!") == ["a", "red", "brown", "house", "2", "fish"]


def test_index_zero_is_the_end_and_words_follow_in_order() -> None:
    assert dict(WORDS.index) == {"<end>": 0, "a": 1, "blue": 2, "fish": 3, "house": 4, "red": 5}


def test_unknown_words_are_left_out() -> None:
    assert WORDS.read("a striped photo: a red house", length=9) == (1, 1, 5, 4)


def test_too_long_a_caption_loses_its_end() -> None:
    assert WORDS.read("a red house", length=2) == (1, 5)


def test_a_caption_without_any_known_word_is_an_error() -> None:
    with pytest.raises(InvalidInputError, match="at least one word"):
        WORDS.read("quux <end>", length=9)


def test_numbers_must_have_no_gaps() -> None:
    with pytest.raises(InvalidInputError, match="without gaps"):
        Vocabulary(index={"<end>": 0, "a": 2})


@pytest.mark.parametrize("stored", [["<end>", "a", "red"], {"0": "<end>", "1": "a", "2": "red"}])
def test_a_vocabulary_is_read_from_a_list_or_by_number(stored: object, tmp_path: Path) -> None:
    (tmp_path / "v.json").write_text(json.dumps(stored))
    assert dict(read_vocabulary(tmp_path / "v.json").index) == {"<end>": 0, "a": 1, "red": 2}


def test_a_vocabulary_survives_the_disk(tmp_path: Path) -> None:
    write_vocabulary(tmp_path / "v.json", WORDS)
    assert read_vocabulary(tmp_path / "v.json") == WORDS
