"""Captions are read as the reference reads them; unknown words are left out."""

import json
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from finetune.families.controlgan.words import (
    RECIPE,
    Vocabulary,
    read_vocabulary,
    vocabulary_of,
    words_of,
    write_vocabulary,
)
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


class Trap:
    """Unpickling it leaves a file behind."""

    def __init__(self, mark: Path) -> None:
        self._mark = mark

    def __reduce__(self) -> tuple:
        return (Path.touch, (self._mark,))


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_the_published_pickle_is_refused_unopened_with_a_recipe(tmp_path: Path, protocol: int) -> None:
    file = tmp_path / "captions.pickle"
    file.write_bytes(pickle.dumps([[[1]], [[1]], {0: Trap(tmp_path / "ran")}, {"<end>": 0}], protocol))
    with pytest.raises(
        InvalidInputError, match=r'captions\.pickle.*make the JSON with: python -c "import json'
    ):
        read_vocabulary(file)
    assert not (tmp_path / "ran").exists()


def test_the_recipe_makes_the_vocabulary(tmp_path: Path) -> None:
    numbers = dict(WORDS.index)
    published = [[[1, 5]], [[2]], {number: word for word, number in numbers.items()}, numbers]
    (tmp_path / "captions.pickle").write_bytes(pickle.dumps(published))
    subprocess.run([sys.executable, "-c", RECIPE], cwd=tmp_path, check=True)
    assert read_vocabulary(tmp_path / "vocabulary.json") == WORDS


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_json_is_an_error_that_says_so(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "v.json").write_bytes(content)
    with pytest.raises(InvalidInputError, match="must be a readable JSON file"):
        read_vocabulary(tmp_path / "v.json")


def test_a_vocabulary_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="must be a readable JSON file"):
        read_vocabulary(tmp_path / "v.json")


@pytest.mark.parametrize(
    "stored",
    [
        3,
        None,
        "words",
        [["<end>"], ["a"]],
        {"words": {"<end>": 0}},
        {"<end>": 0.0},
        {"<end>": None},
        {"x": "y"},
    ],
)
def test_json_of_another_shape_is_an_error(tmp_path: Path, stored: object) -> None:
    (tmp_path / "v.json").write_text(json.dumps(stored))
    with pytest.raises(InvalidInputError, match="must be a list of words, or a mapping"):
        read_vocabulary(tmp_path / "v.json")
