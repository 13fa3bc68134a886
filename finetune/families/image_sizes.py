"""How large the images of a generator are, by its configuration files alone; its training images are to match.

A model that is trained at one size and sampled at another changes in more than its aspect, and mixtures hold
images that the generator made itself; so all training images have the size that it makes.
"""

import json
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

from finetune.generator import GeneratorError, GeneratorSettings, missing_generator
from finexl.errors import InvalidInputError

Size = tuple[int, int]
"""Height and width in pixels."""


def image_size(settings: GeneratorSettings) -> Size:
    """Height and width of what the generator in a folder makes.

    Raises:
        GeneratorError: The folder's configuration files are missing or do not say it.
    """
    try:
        return resolve_name(settings.facts.image_size)(settings.folder)
    except (KeyError, TypeError, ValueError) as reason:
        raise GeneratorError(
            f"The configuration files in {settings.folder} must say how large images are. Got: {reason!r}."
        ) from reason


def check_size(given: Size, settings: GeneratorSettings) -> None:
    """Raise `InvalidInputError` unless training images are as large as those that the generator makes."""
    made = image_size(settings)
    if tuple(given) != made:
        raise InvalidInputError(
            f"Training images must be as large as those that the generator makes, {made[0]}×{made[1]} pixels. "
            f"Got {given[0]}×{given[1]}. Give corpus.size={made[0]} with a corpus of files (corpus.folder=<path>); "
            "the miniature's own corpora are 64×64 always."
        )


def config_in(folder: Path) -> Any:
    """What `config.json` in a folder says; a folder without one raises `GeneratorError`."""
    try:
        return json.loads((folder / "config.json").read_bytes())
    except OSError as reason:
        raise missing_generator(folder, "config.json") from reason


def pixels_per_cell(autoencoder: Path) -> int:
    """Pixels on a side of one latent or token of an autoencoder in diffusers' layout, which halves at every level."""
    return 1 << (len(config_in(autoencoder)["block_out_channels"]) - 1)
