"""Which prompts a ControlGAN does not read to the end, or whose words it does not know; it tells of neither."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from finetune.families.controlgan.architecture import Architecture
from finetune.families.controlgan.words import read_vocabulary, words_of
from finetune.families.image_sizes import config_in


class Unread(NamedTuple):
    """Prompts of which a part changes nothing."""

    cut: list[str]
    """Of more known words than are read."""
    unknown: list[str]
    """With words that the text encoder does not know."""
    limit: int
    """Known words that are read. The reference trains with 18 and evaluates with 25, as published models do here."""


def unread_prompts(folder: Path, prompts: Sequence[str]) -> Unread:
    """The prompts that a generator in a folder does not read whole, by its configuration and vocabulary alone."""
    limit = int(config_in(folder).get("caption_length", Architecture(n_words=1).caption_length))
    known = read_vocabulary(folder / "vocabulary.json").index
    words = {prompt: words_of(prompt) for prompt in prompts}
    return Unread(
        cut=[each for each in prompts if sum(bool(known.get(word)) for word in words[each]) > limit],
        unknown=[each for each in prompts if not all(known.get(word) for word in words[each])],
        limit=limit,
    )
