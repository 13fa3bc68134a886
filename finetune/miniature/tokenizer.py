"""A small CLIP tokenizer, trained on captions: byte-level BPE with `</w>` ends, as Stable Diffusion expects.

The class and the file layout are those of CLIP; only the merges are the world's own, so common words are
one token each and any other text still has an encoding.
"""

import json
from collections.abc import Iterable
from typing import cast

from tokenizers import Tokenizer, pre_tokenizers
from tokenizers.models import BPE
from tokenizers.trainers import BpeTrainer
from transformers import CLIPTokenizer

from finexl.errors import InvalidInputError

START, END = "<|startoftext|>", "<|endoftext|>"
SUFFIX = "</w>"


def build_clip_tokenizer(
    captions: Iterable[str], *, vocab_size: int = 1024, max_length: int = 24
) -> CLIPTokenizer:
    """Learn merges from `captions` and return the tokenizer that uses them.

    Ids follow CLIP: 256 bytes, the same 256 at the end of a word, merges, start, end; the end token also
    pads, and a text encoder needs its id as `eos_token_id`. A corpus with too few pairs gives a smaller
    vocabulary than asked for: read `len(tokenizer)`. `max_length` counts start and end.

    Raises:
        InvalidInputError: `vocab_size` is too small for every byte.
    """
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    singles = [*alphabet, *(letter + SUFFIX for letter in alphabet)]
    n_merges = vocab_size - len(singles) - 2
    if n_merges < 0:
        raise InvalidInputError(
            f"`vocab_size` must be at least {len(singles) + 2}: every byte, alone and ending a word, "
            f"and two marks. Got {vocab_size}."
        )
    splitter = CLIPTokenizer().backend_tokenizer  # words are split exactly as CLIP splits them
    learner = Tokenizer(BPE(end_of_word_suffix=SUFFIX))
    learner.normalizer, learner.pre_tokenizer = splitter.normalizer, splitter.pre_tokenizer
    trainer = BpeTrainer(
        vocab_size=vocab_size, initial_alphabet=alphabet, end_of_word_suffix=SUFFIX, show_progress=False
    )
    learner.train_from_iterator(captions, trainer)
    learned = json.loads(learner.to_str())["model"]["merges"]  # in the order in which they were learned
    merges = [(left, right) for left, right in learned[:n_merges]]
    tokens = dict.fromkeys([*singles, *(left + right for left, right in merges), START, END])
    vocabulary = {token: index for index, token in enumerate(tokens)}
    return CLIPTokenizer(vocab=vocabulary, merges=cast(list[str], merges), model_max_length=max_length)
