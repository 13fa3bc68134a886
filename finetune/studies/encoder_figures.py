"""How well an encoder knows the miniature world: scenes by their captions, styles by their names.

Both are measured on renderings that no encoder was trained on.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import UInt8

from finetune.miniature.examples import STYLES, Examples, plain_examples, restyle
from finexl.concepts import ConceptTemplate, concept_vectors
from finexl.divergence import divergence
from finexl.interfaces import Encoder
from finexl.values import ImagePairs, ImageStack

SEED = 78


class Figures(NamedTuple):
    """Shares in [0, 1], with what chance gives."""

    captions: float
    """Share of images whose own caption is the nearest of all captions."""
    captions_chance: float
    """What guessing captions gives."""
    names: float
    """Share of styles at full strength whose shift of embeddings is nearest to the shift of their own name."""
    names_chance: float
    """What guessing names gives."""


def encoder_figures(encoder: Encoder, *, n_captions: int = 256, n_scenes: int = 32) -> Figures:
    """Match `n_captions` images and captions, and every style's name on `n_scenes` scenes."""
    scenes = different_scenes(n_captions, seed=SEED)
    return Figures(
        captions=own_caption_share(scenes.images, scenes.captions, encoder),
        captions_chance=1 / n_captions,
        names=own_name_share(encoder, n_scenes=n_scenes),
        names_chance=1 / len(STYLES),
    )


def different_scenes(n: int, *, seed: int) -> Examples:
    """`n` rendered scenes with captions that all differ."""
    examples = plain_examples(4 * n, seed=seed)
    first = dict(zip(examples.captions[::-1], range(len(examples.captions))[::-1], strict=True))
    chosen = sorted(first.values())[:n]  # the first of equal captions stays
    return Examples(
        images=examples.images[chosen], captions=tuple(examples.captions[index] for index in chosen)
    )


def own_caption_share(
    images: UInt8[np.ndarray, "n h w 3"], captions: Sequence[str], encoder: Encoder
) -> float:
    """How often an image's own caption, as "a photo: ...", is the nearest of all."""
    texts = encoder.embed_texts([f"a photo: {caption}" for caption in captions])
    nearest = (encoder.embed_images(ImageStack(images)) @ texts.T).argmax(dim=1)
    return float((nearest.numpy() == np.arange(len(captions))).mean())


def own_name_share(encoder: Encoder, *, n_scenes: int) -> float:
    """How often, of all styles' names, a style's own is nearest to V_div by cosine, at full strength."""
    scenes = plain_examples(n_scenes, seed=SEED)
    named = concept_vectors(STYLES, scenes.captions, encoder=encoder, template=ConceptTemplate())
    named = named / named.norm(dim=1, keepdim=True)
    base, n_hits = ImageStack(scenes.images), 0
    for style in range(len(STYLES)):
        styled = restyle(scenes.images, np.full(n_scenes, style), np.ones(n_scenes), seed=SEED)
        pairs = ImagePairs(prompts=scenes.captions, base=base, personalized=ImageStack(styled))
        n_hits += int((named @ divergence(pairs, encoder=encoder)).argmax()) == style
    return n_hits / len(STYLES)
