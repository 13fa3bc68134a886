"""How good the base generator is: a grid to look at, and how often the encoder matches its images to their captions."""

from pathlib import Path
from typing import NamedTuple

from PIL import Image

from finetune.miniature.examples import plain_examples
from finetune.studies.contact_sheet import captioned
from finetune.studies.encoder_figures import different_scenes, own_caption_share
from finexl.interfaces import Encoder, ImageGenerator

GRID_SEED = 77


class Matching(NamedTuple):
    """Shares of images whose own caption is the nearest of all captions, in [0, 1]."""

    generated: float
    """Share of the generator's images."""
    rendered: float
    """Share of the renderer's images of the same captions."""
    n: int
    """How many captions there are."""
    chance: float
    """What guessing gives."""


def prompt_grid(generator: ImageGenerator, n: int = 32) -> Image.Image:
    """`n` prompts and the images the generator makes of them."""
    captions = plain_examples(n, seed=GRID_SEED).captions
    return captioned(generator.sample(captions, tuple(range(n))), captions)


def caption_matching(generator: ImageGenerator, encoder: Encoder, n: int = 256) -> Matching:
    """Among `n` different captions, how often an image's own is nearest: generated against rendered images."""
    scenes = different_scenes(n, seed=GRID_SEED + 1)
    generated = generator.sample(scenes.captions, tuple(range(n)))
    return Matching(
        generated=own_caption_share(generated, scenes.captions, encoder),
        rendered=own_caption_share(scenes.images, scenes.captions, encoder),
        n=n,
        chance=1 / n,
    )


def save(image: Image.Image, path: Path) -> None:
    """Write a PNG, making its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, format="PNG", optimize=True)
