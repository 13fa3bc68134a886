"""Which texts are longer than a tokenizer's context; the tokenizers of open_clip cut without a word."""

from collections.abc import Callable, Sequence
from typing import Any

from open_clip.tokenizer import HFTokenizer, SigLipTokenizer, SimpleTokenizer, basic_clean, canonicalize_text

Lengths = Callable[[Sequence[str]], list[int]]


def cut_texts(tokenizer: Callable[[list[str]], Any], texts: Sequence[str]) -> list[str]:
    """The texts that an open_clip tokenizer cuts; of a tokenizer that is not open_clip's, nothing is known."""
    match tokenizer:
        case SimpleTokenizer():
            lengths = [len(tokenizer.encode(text)) + 2 for text in texts]
        case HFTokenizer():
            clean = [tokenizer.clean_fn(text) for text in texts]
            by_clips = tokenizer.tokenizer_mode == "clips"  # which adds three marks of its own
            lengths = [n + 3 * by_clips for n in n_tokens(tokenizer.tokenizer, clean, marks=not by_clips)]
        case SigLipTokenizer():
            lengths = n_tokens(tokenizer.tokenizer, [canonicalize_text(basic_clean(text)) for text in texts])
        case _:
            return []
    limit = tokenizer.context_length or 0
    return [text for text, length in zip(texts, lengths, strict=True) if length > limit]


def n_tokens(tokenizer: Any, texts: Sequence[str], *, marks: bool = True) -> list[int]:
    """Lengths in tokens of a transformers tokenizer, uncut, with its marks of start and end unless told otherwise."""
    encoded = tokenizer(list(texts), add_special_tokens=marks, truncation=False, padding=False, verbose=False)
    return [len(numbers) for numbers in encoded["input_ids"]]
