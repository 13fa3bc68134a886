"""Images in the store, and the pairs that explainers see: same prompt and noise, two models (§3)."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import UInt8
from safetensors.numpy import load_file, save

from finexl.errors import InvalidInputError
from finexl.values import ImagePairs, ImageStack

_FILE, _NAME = "images.safetensors", "images"


def write_images(folder: Path, images: UInt8[np.ndarray, "n h w 3"]) -> None:
    """Write an image array into a folder of the store."""
    (folder / _FILE).write_bytes(save({_NAME: np.ascontiguousarray(images)}))


def read_images(folder: Path) -> UInt8[np.ndarray, "n h w 3"]:
    """The image array in a folder of the store."""
    return load_file(folder / _FILE)[_NAME]


def as_pairs(
    prompts: Sequence[str],
    *,
    base: UInt8[np.ndarray, "n h w 3"],
    personalized: UInt8[np.ndarray, "_ _ _ 3"],
    id: str,
) -> ImagePairs:
    """Pairs under an opaque `id`; both stacks have one size, so nothing but the pixels tells models apart."""
    if base.shape != personalized.shape:
        raise InvalidInputError(
            "Base and personalized images must have one shape. "
            f"Got {base.shape!r} and {personalized.shape!r}."
        )
    return ImagePairs(
        prompts=tuple(prompts), base=ImageStack(base), personalized=ImageStack(personalized), id=id
    )
