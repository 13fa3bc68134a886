"""Which prompts a latent-diffusion generator cannot read to the end; its pipeline cuts them without a word."""

from collections.abc import Sequence
from pathlib import Path


def cut_prompts(folder: Path, prompts: Sequence[str]) -> tuple[list[str], int]:
    """The prompts that are longer than the context of the tokenizer in a generator's folder, and that context."""
    from transformers import CLIPTokenizer

    tokenizer = CLIPTokenizer.from_pretrained(folder / "tokenizer", local_files_only=True)
    limit = int(tokenizer.model_max_length)
    encoded = tokenizer(list(prompts), truncation=False, padding=False, verbose=False)["input_ids"]
    return [prompt for prompt, tokens in zip(prompts, encoded, strict=True) if len(tokens) > limit], limit
