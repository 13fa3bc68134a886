"""Every text that a tokenizer of open_clip cuts is told, and no other."""

from pathlib import Path

import pytest
import torch
from open_clip.tokenizer import HFTokenizer, SigLipTokenizer, SimpleTokenizer
from tiny_towers import WORDS
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import BertTokenizer, PreTrainedTokenizerFast

from finexl.encoders.contexts import cut_texts, n_tokens
from finexl.encoders.open_clip import OpenClipEncoder

LENGTH = 5
FITS = "a vivid photo"
TOO_LONG = "a vivid photo of fish"


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT vocabulary of whole words: two marks and a token per word."""
    folder = tmp_path_factory.mktemp("words")
    vocabulary = {word: number for number, word in enumerate(WORDS)}
    BertTokenizer(vocab=vocabulary, bos_token="[CLS]", eos_token="[SEP]").save_pretrained(folder)
    return folder


def siglip() -> SigLipTokenizer:
    """As open_clip's, over whole words with one mark at the end, instead of SentencePiece from the network."""
    tokenizer = Tokenizer(models.WordLevel({word: n for n, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(single="$A [SEP]", special_tokens=[("[SEP]", 3)])
    made = SigLipTokenizer.__new__(SigLipTokenizer)
    made.tokenizer = PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="[PAD]")
    made.context_length = LENGTH
    return made


def test_marks_of_start_and_end_count(words: Path) -> None:
    tokenizer = HFTokenizer(str(words), context_length=LENGTH)
    assert cut_texts(tokenizer, [FITS, TOO_LONG, "a"]) == [TOO_LONG]


def test_texts_are_counted_as_they_are_cleaned(words: Path) -> None:
    tokenizer = HFTokenizer(str(words), context_length=LENGTH, clean="canonicalize")
    assert cut_texts(tokenizer, ["a : vivid : photo"]) == []


def test_the_mode_that_adds_its_own_marks_leaves_less_room(words: Path) -> None:
    tokenizer = HFTokenizer(str(words), context_length=LENGTH, tokenizer_mode="clips")
    assert cut_texts(tokenizer, ["a vivid", FITS]) == [FITS]
    assert torch.equal(tokenizer([FITS]), tokenizer(["a vivid"]))  # its third word is lost


def test_siglip_has_one_mark() -> None:
    assert cut_texts(siglip(), ["a vivid photo of", TOO_LONG]) == [TOO_LONG]


def test_clips_own_tokenizer_has_two_marks() -> None:
    tokenizer = SimpleTokenizer(context_length=LENGTH)
    assert cut_texts(tokenizer, ["a vivid photo", "a vivid photo of fish"]) == ["a vivid photo of fish"]


def test_the_number_is_that_of_the_uncut_text(words: Path) -> None:
    tokenizer = HFTokenizer(str(words), context_length=LENGTH)
    tokenizer([TOO_LONG])  # a call that cuts must not make later ones cut
    assert n_tokens(tokenizer.tokenizer, [TOO_LONG, "a"]) == [7, 3]
    assert n_tokens(tokenizer.tokenizer, [TOO_LONG], marks=False) == [5]


def test_of_a_strange_tokenizer_nothing_is_known() -> None:
    assert cut_texts(lambda texts: torch.zeros(len(texts), LENGTH), [TOO_LONG]) == []


class Lengths(torch.nn.Module):
    """A text tower that says how many numbers it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = torch.nn.Parameter(torch.ones(1))

    def encode_text(self, tokens: torch.Tensor) -> torch.Tensor:
        return self.scale * torch.full((len(tokens), 1), float(tokens.shape[1]))


def test_an_encoder_with_a_tokenizer_of_hugging_face_counts_and_warns(words: Path) -> None:
    encoder = OpenClipEncoder.__new__(OpenClipEncoder)
    tokenizer = HFTokenizer(str(words), context_length=LENGTH)
    for name, value in {
        "model": Lengths(), "tokenizer": tokenizer, "id": "x", "batch_size": 2, "normalise": False,
        "n_truncated": 0,
    }.items():  # fmt: skip
        object.__setattr__(encoder, name, value)
    with pytest.warns(UserWarning, match=r"at most 5 tokens.*'a vivid photo of fish'"):
        rows = encoder.embed_texts([FITS, TOO_LONG, "a", TOO_LONG])
    assert encoder.n_truncated == 2 and rows.flatten().tolist() == [LENGTH] * 4
