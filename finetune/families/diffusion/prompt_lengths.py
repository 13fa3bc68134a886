"""Which prompts a latent-diffusion generator cannot read to the end; its pipeline cuts them without a word."""

import json
from collections.abc import Sequence
from pathlib import Path

_MARGIN = 4
"""Tokens that marks of beginning and end may add, and as many again."""


def cut_prompts(folder: Path, prompts: Sequence[str]) -> tuple[list[str], int]:
    """The prompts that are longer than the context of the tokenizer in a generator's folder, and that context."""
    if (limit := _limit_kept(folder / "tokenizer", prompts)) is not None:
        return [], limit
    from transformers import CLIPTokenizer  # late: it takes seconds, and hardly any prompt is that long

    tokenizer = CLIPTokenizer.from_pretrained(folder / "tokenizer", local_files_only=True)
    limit = int(tokenizer.model_max_length)
    encoded = tokenizer(list(prompts), truncation=False, padding=False, verbose=False)["input_ids"]
    return [prompt for prompt, tokens in zip(prompts, encoded, strict=True) if len(tokens) > limit], limit


def _limit_kept(folder: Path, prompts: Sequence[str]) -> int | None:
    """The context of a tokenizer that is kept in one file, where all prompts are clearly within it; else None."""
    file, config = folder / "tokenizer.json", folder / "tokenizer_config.json"
    if not (file.is_file() and config.is_file()):
        return None
    from tokenizers import Tokenizer

    limit = json.loads(config.read_text(encoding="utf-8")).get("model_max_length")
    encoded = Tokenizer.from_file(str(file)).encode_batch(list(prompts))
    longest = max((len(tokens.ids) for tokens in encoded), default=0)
    return limit if isinstance(limit, int) and longest + _MARGIN <= limit else None
