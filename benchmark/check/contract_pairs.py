"""Image pairs whose truth is known without a generator: rendered scenes, and the same scenes with an aspect painted on.

Scenes and aspects are development data (`finetune.miniature.split`): what passes here was not tried on what is scored.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import NamedTuple

import numpy as np
from jaxtyping import UInt8
from PIL import Image

from benchmark.explain.explaining import blind_pairs
from finetune.miniature import SIZE, apply_aspect, caption, render, sample_scenes
from finetune.miniature.split import DEVELOPMENT_SEEDS
from finexl.values import ImagePairs, ImageStack

MODELS: tuple[Mapping[str, float], ...] = ({"warm": 1.0}, {"warm": 0.4}, {"dark": 0.6, "striped": 0.8})
"""What is painted on the ordinary models: aspects and strengths."""
N_PAIRS = 4
"""Pairs of an ordinary model."""
N_MANY = 100
"""Pairs of the model that speed and memory are measured on."""
_SEED = DEVELOPMENT_SEEDS[-1]


class Scenes(NamedTuple):
    """Rendered scenes with the prompts that describe them."""

    prompts: tuple[str, ...]
    images: UInt8[np.ndarray, "n h w 3"]


def scenes(n: int) -> Scenes:
    """The first `n` development scenes."""
    drawn = sample_scenes(n, np.random.default_rng(_SEED))
    return Scenes(tuple(map(caption, drawn)), render(drawn))


def painted(strengths: Mapping[str, float], *, n_pairs: int = N_PAIRS) -> ImagePairs:
    """A model that paints aspects on every scene."""
    prompts, base = scenes(n_pairs)
    images = base
    for aspect, strength in strengths.items():
        images = apply_aspect(images, aspect, strength, seed=_SEED)
    return blind_pairs(prompts, base, images)


def ordinary_models() -> tuple[ImagePairs, ...]:
    """A group of models as in a run, in the order of their ids."""
    return tuple(sorted((painted(strengths) for strengths in MODELS), key=lambda pairs: pairs.id))


def unchanged_model() -> ImagePairs:
    """A model whose images are those of its base."""
    return painted({})


def single_pair() -> ImagePairs:
    """An ordinary model of which one pair is known."""
    return painted(MODELS[0], n_pairs=1)


def constant_models() -> tuple[ImagePairs, ...]:
    """Images of one colour: black that became white, and grey that stayed grey."""
    prompts = scenes(N_PAIRS).prompts
    shape = (N_PAIRS, SIZE, SIZE, 3)
    black, grey, white = (np.full(shape, level, np.uint8) for level in (0, 128, 255))
    return blind_pairs(prompts, black, white), blind_pairs(prompts, grey, grey)


def renamed(models: Sequence[ImagePairs]) -> tuple[ImagePairs, ...]:
    """The same models under other opaque ids, which sort as the models stand."""
    ids = sorted(sha256(f"another name for {pairs.id}".encode()).hexdigest()[:16] for pairs in models)
    return tuple(replace(pairs, id=id) for pairs, id in zip(models, ids, strict=True))


class LabelledStack(ImageStack):
    """Images that carry a label in their metadata, as files of a careless data set do."""

    __slots__ = ("_label",)

    def __init__(self, pixels: UInt8[np.ndarray, "n h w 3"], *, label: str) -> None:
        super().__init__(pixels)
        self._label = label

    def __getitem__(self, index):  # type: ignore[override]  # one signature for int and slice
        if isinstance(index, slice):
            return LabelledStack(self.pixels[index], label=self._label)
        image = Image.fromarray(self.pixels[index])
        for key in ("truth", "Description"):
            image.info[key] = self._label
        return image


def labelled(pairs: ImagePairs, *, label: str) -> ImagePairs:
    """The same pairs with a label in the metadata of every personalized image."""
    pixels = np.stack([np.asarray(image) for image in pairs.personalized])
    return replace(pairs, personalized=LabelledStack(pixels, label=label))
