"""Development changes that need no training: base images repainted in development styles, and changes without a name.

Training a lattice takes minutes and painting one a second, so that all pairs of development aspects can be looked at.
A painted model is a better one than any that is trained: it moves by what it was asked for and by nothing else. What is
chosen on painted models must therefore hold on trained ones too, which are among those that are scored.
"""

from collections.abc import Callable, Mapping

import numpy as np

from benchmark.explain.explaining import Pixels
from finetune.miniature.aspects import apply_aspect

STRENGTHS = (0.8, 1.0)
"""Of a style where a model is all of it, image by image, as in the training images of the corpus."""
_PAD = 8


def mixture(images: Pixels, shares: Mapping[str, float], *, seed: int) -> Pixels:
    """Images in some styles over each other, each at its share of the full strength."""
    chance = np.random.default_rng(seed)
    for place, (aspect, share) in enumerate(shares.items()):
        strengths = share * chance.uniform(*STRENGTHS, size=len(images))
        images = apply_aspect(images, aspect, strengths, seed=seed * len(shares) + place)
    return images


def _framed(images: Pixels) -> Pixels:
    inner = images[:, _PAD:-_PAD, _PAD:-_PAD]
    return np.pad(inner, ((0, 0), (_PAD, _PAD), (_PAD, _PAD), (0, 0)), constant_values=200)


def _crossed_out(images: Pixels) -> Pixels:
    side = np.arange(images.shape[1])
    line = np.abs(side[:, None] - side[None]) < 3
    return np.where(line[None, :, :, None], np.array([0, 200, 0], np.uint8), images)


def _exchanged(images: Pixels) -> Pixels:
    half = images.shape[2] // 2
    return np.concatenate([images[:, :, half:], images[:, :, :half]], axis=2)


NAMELESS: Mapping[str, Callable[[Pixels], Pixels]] = {
    "crossed out": _crossed_out,
    "framed": _framed,
    "halves exchanged": _exchanged,
    "mirrored": lambda images: images[:, :, ::-1],
    "negative": lambda images: 255 - images,
    "shifted": lambda images: np.roll(images, 20, axis=2),
    "tiled": lambda images: np.tile(images[:, ::2, ::2], (1, 2, 2, 1)),
    "upside down": lambda images: images[:, ::-1],
}
"""Changes that no word of the world's dictionary names: whatever is claimed of them is wrong."""
