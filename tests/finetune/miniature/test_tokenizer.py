"""The tokenizer keeps the world's words whole, encodes anything, and survives saving."""

from pathlib import Path

import pytest
from transformers import CLIPTokenizer

from finetune.miniature.tokenizer import build_clip_tokenizer
from finexl.errors import InvalidInputError

CAPTIONS = ["a red house in a field", "two green fish at night"]
STRANGE = ["A  RED\nhouse!", "naïve 漢字 zebra's 12", "", "a red house " * 20]


@pytest.fixture(scope="module")
def tokenizer() -> CLIPTokenizer:
    return build_clip_tokenizer(CAPTIONS * 5, vocab_size=600, max_length=12)


def test_words_of_the_captions_are_single_tokens(tokenizer: CLIPTokenizer) -> None:
    assert tokenizer.tokenize("a red fish") == ["a</w>", "red</w>", "fish</w>"]


def test_no_text_is_unknown(tokenizer: CLIPTokenizer) -> None:
    assert tokenizer.unk_token_id not in tokenizer("naïve 漢字", add_special_tokens=False).input_ids


def test_encodings_start_end_and_pad_with_the_end_token(tokenizer: CLIPTokenizer) -> None:
    ids = tokenizer("red", padding="max_length").input_ids
    assert (ids[0], ids[2:]) == (len(tokenizer) - 2, [len(tokenizer) - 1] * 10)


@pytest.mark.parametrize("text", STRANGE)
def test_a_saved_tokenizer_encodes_alike(tokenizer: CLIPTokenizer, tmp_path: Path, text: str) -> None:
    tokenizer.save_pretrained(tmp_path)
    again = CLIPTokenizer.from_pretrained(tmp_path)
    ids = tokenizer(text, padding="max_length", truncation=True).input_ids
    assert again(text, padding="max_length", truncation=True).input_ids == ids


def test_a_vocabulary_without_room_for_the_bytes_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="at least 514"):
        build_clip_tokenizer(CAPTIONS, vocab_size=100)
