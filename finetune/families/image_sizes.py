"""How large the images of a generator are, by its configuration files alone; its training images are to match.

A model that is trained at one size and sampled at another changes in more than its aspect, and mixtures hold
images that the generator made itself; so all training images have the size that it makes.
"""

import json
from pathlib import Path
from typing import Any

from finetune.families.controlgan.architecture import Architecture
from finetune.families.generator import GeneratorError, GeneratorSettings, missing_generator
from finexl.errors import InvalidInputError

Size = tuple[int, int]
"""Height and width in pixels."""


def image_size(settings: GeneratorSettings) -> Size:
    """What the generator in a folder makes."""
    folder = settings.folder
    try:
        match settings.family:
            case "diffusion":
                side = int(_config(folder / "unet")["sample_size"]) * _shrinkage(folder / "vae")
                return side, side
            case "anole":
                rows, columns = _config(folder).get("grid", (32, 32))
                return rows * _shrinkage(folder / "vqgan"), columns * _shrinkage(folder / "vqgan")
            case _:
                side = int(_config(folder).get("base_size", Architecture(n_words=1).base_size)) << 2
                return side, side
    except (KeyError, TypeError, ValueError) as reason:
        raise GeneratorError(
            f"The configuration files in {folder} must say how large images are. Got: {reason!r}."
        ) from reason


def check_size(given: Size, settings: GeneratorSettings) -> None:
    """Raise unless training images of this size are as large as those that the generator makes."""
    made = image_size(settings)
    if tuple(given) != made:
        raise InvalidInputError(
            f"Training images must be as large as those that the generator makes, {made[0]}×{made[1]} pixels. "
            f"Got {given[0]}×{given[1]}. Give corpus.size={made[0]} with a corpus of files (corpus.folder=<path>); "
            "the miniature's own corpora are 64×64 always."
        )


def _shrinkage(autoencoder: Path) -> int:
    """Pixels on a side of one latent or token."""
    return 1 << (len(_config(autoencoder)["block_out_channels"]) - 1)


def _config(folder: Path) -> dict[str, Any]:
    try:
        return json.loads((folder / "config.json").read_bytes())
    except OSError as reason:
        raise missing_generator(folder, "config.json") from reason
