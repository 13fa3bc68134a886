"""From a recipe to the exact training list: whole images per aspect, base-model images for the rest."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import UInt8

from finetune.corpora import Corpus, PairedCorpus
from finetune.recipe import Recipe
from finexl.errors import InvalidInputError

BASE = "base"
"""The source of images that the base model made itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingImages:
    """Captioned images in training order, with the aspect (or `base`) that each stands for."""

    images: UInt8[np.ndarray, "n h w 3"]
    captions: tuple[str, ...]
    """What each image shows, without its aspect."""
    sources: tuple[str, ...]
    """The aspect that each image stands for, or `base`."""
    contents: UInt8[np.ndarray, "n h w 3"] | None = None
    """The scenes of `images` without their aspect, row by row; None if the corpus has none."""

    def __post_init__(self) -> None:
        counts = (len(self.images), len(self.captions), len(self.sources))
        if len(set(counts)) != 1 or counts[0] == 0:
            raise InvalidInputError(
                "Training needs at least one image, and a caption and a source for each. "
                f"Got {counts[0]} images, {counts[1]} captions and {counts[2]} sources."
            )


def n_base_images(recipe: Recipe) -> int:
    """How many base-model images the recipe's list holds."""
    return recipe.n_images * recipe.mixture.base_parts // recipe.mixture.whole


def training_images(
    recipe: Recipe,
    *,
    corpus: Corpus,
    base_images: UInt8[np.ndarray, "m h w 3"],
    base_captions: Sequence[str],
    with_contents: bool = True,
) -> TrainingImages:
    """The recipe's training list, shuffled by its seed.

    An aspect's share is the head of one list per aspect and seed, and the base share the head of
    `base_images`; so the mixtures of a group differ in how much of each they hold, not in which. Contents may be
    costly (drawn), so a family that does not train on them goes without.

    Raises:
        InvalidInputError: There are fewer base images than the mixture asks, or images of several sizes.
    """
    n_base = n_base_images(recipe)
    if len(base_images) < n_base or len(base_captions) < n_base:
        raise InvalidInputError(
            f"The mixture {recipe.mixture.parts!r} of {recipe.mixture.whole} needs {n_base} captioned "
            f"images of the base model. Got {len(base_images)} images and {len(base_captions)} captions."
        )
    shares = [_Share(BASE, base_images[:n_base], tuple(base_captions[:n_base]), base_images[:n_base])]
    for aspect, part in zip(recipe.aspects, recipe.mixture.parts, strict=True):
        if part:
            count = recipe.n_images * part // recipe.mixture.whole
            images, captions = corpus.images(aspect, recipe.n_images, recipe.seed)
            contents = None
            if with_contents and isinstance(corpus, PairedCorpus):
                contents = corpus.contents(aspect, recipe.n_images, recipe.seed)[:count]
            shares.append(_Share(aspect, images[:count], captions[:count], contents))
    return _shuffled([share for share in shares if len(share.captions)], seed=recipe.seed)


class _Share(NamedTuple):
    source: str
    images: UInt8[np.ndarray, "n h w 3"]
    captions: tuple[str, ...]
    contents: UInt8[np.ndarray, "n h w 3"] | None


def _shuffled(shares: Sequence[_Share], *, seed: int) -> TrainingImages:
    sizes = {share.source: share.images.shape[1:3] for share in shares}
    if len(set(sizes.values())) != 1:
        raise InvalidInputError(f"All images of a training list must have one size. Got {sizes!r}.")
    captions = [caption for share in shares for caption in share.captions]
    sources = [share.source for share in shares for _ in share.captions]
    contents = [share.contents for share in shares if share.contents is not None]
    order = np.random.default_rng(np.random.SeedSequence((3, seed))).permutation(len(captions))
    return TrainingImages(
        images=np.concatenate([share.images for share in shares])[order],
        captions=tuple(captions[place] for place in order),
        sources=tuple(sources[place] for place in order),
        contents=np.concatenate(contents)[order] if len(contents) == len(shares) else None,
    )
