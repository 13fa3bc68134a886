"""A closed vocabulary reads and writes captions, and the published JSON form."""

import json
from pathlib import Path

import pytest

from baselines.captioning.vocabulary import Vocabulary, learned_vocabulary, read_words, words_of
from baselines.chg2cap.model import FIRST, MARKS
from finexl.errors import InvalidInputError


@pytest.fixture
def vocabulary() -> Vocabulary:
    return learned_vocabulary(["The sky, is red.", "the sea is red"], FIRST, marks=MARKS)


def test_words_are_sorted_after_the_marks(vocabulary: Vocabulary) -> None:
    assert vocabulary.words == (*FIRST, ",", "is", "red", "sea", "sky", "the")


def test_a_caption_comes_back_from_its_numbers(vocabulary: Vocabulary) -> None:
    assert vocabulary.decode(vocabulary.encode("the sky, is red", length=9)[1:]) == "the sky, is red"


def test_numbers_are_start_words_end_and_padding(vocabulary: Vocabulary) -> None:
    assert vocabulary.encode("red sea", length=6) == [2, 6, 7, 3, 0, 0]


def test_a_caption_that_is_too_long_keeps_its_end_mark(vocabulary: Vocabulary) -> None:
    assert vocabulary.encode("the sky is red", length=4) == [2, 9, 8, 3]


def test_a_word_that_is_not_there_is_unknown(vocabulary: Vocabulary) -> None:
    assert vocabulary.encode("blue", length=3)[1] == vocabulary.id("<UNK>") == 1


def test_what_follows_the_end_is_not_read(vocabulary: Vocabulary) -> None:
    assert vocabulary.decode([6, 3, 7]) == "red"


def test_rare_words_are_left_out() -> None:
    assert "sky" not in learned_vocabulary(["sky sea", "sea"], FIRST, marks=MARKS, at_least=2).words


def test_full_stops_are_dropped_and_commas_stand_alone() -> None:
    assert words_of("A road, a house.") == ["a", "road", ",", "a", "house"]


def test_a_vocabulary_without_a_mark_is_an_error() -> None:
    with pytest.raises(InvalidInputError, match="<END>"):
        Vocabulary(words=("<NULL>", "<UNK>", "<START>"), marks=MARKS)


def test_published_words_are_read_by_their_ids(tmp_path: Path) -> None:
    (tmp_path / "vocab.json").write_text(json.dumps({"b": 1, "a": 0}))
    assert read_words(tmp_path / "vocab.json") == ("a", "b")


@pytest.mark.parametrize("text", ['{"a": 0, "b": 2}', '["a"]', "{"])
def test_a_file_that_is_no_vocabulary_is_an_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "vocab.json").write_text(text)
    with pytest.raises(InvalidInputError, match=r"vocab\.json"):
        read_words(tmp_path / "vocab.json")
