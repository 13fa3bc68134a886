"""How good the base generator is: a grid to look at, and how often the encoder matches its images to their captions."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageDraw, ImageFont

from finetune.miniature.examples import plain_examples
from finetune.studies.encoder_figures import different_scenes, own_caption_share
from finexl.interfaces import Encoder, ImageGenerator

GRID_SEED = 77
ZOOM = 2
COLUMNS = 8


class Matching(NamedTuple):
    """Shares of images whose own caption is the nearest of all captions, in [0, 1]."""

    generated: float
    rendered: float
    n: int
    chance: float


def prompt_grid(generator: ImageGenerator, n: int = 32) -> Image.Image:
    """`n` prompts and the images the generator makes of them."""
    captions = plain_examples(n, seed=GRID_SEED).captions
    return labelled_grid(generator.sample(captions, tuple(range(n))), captions)


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


def labelled_grid(images: UInt8[np.ndarray, "n h w 3"], labels: tuple[str, ...]) -> Image.Image:
    """Images in rows of eight, each with its caption below."""
    side, text_height, gap = images.shape[1] * ZOOM, 30, 8
    n_rows = -(-len(images) // COLUMNS)
    sheet = Image.new(
        "RGB", (COLUMNS * (side + gap) + gap, n_rows * (side + text_height + gap) + gap), "white"
    )
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=9)
    for index, (pixels, label) in enumerate(zip(images, labels, strict=True)):
        row, column = divmod(index, COLUMNS)
        x, y = gap + column * (side + gap), gap + row * (side + text_height + gap)
        sheet.paste(Image.fromarray(pixels).resize((side, side), Image.Resampling.LANCZOS), (x, y))
        draw.multiline_text((x, y + side + 2), _wrapped(label, 28), fill="black", font=font, spacing=1)
    return sheet


def _wrapped(text: str, width: int) -> str:
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) + 1 > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "\n".join(lines[:2])


def save(image: Image.Image, path: Path) -> None:
    """Write a PNG, making its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, format="PNG", optimize=True)
