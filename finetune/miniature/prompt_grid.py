"""How good the base generator is: a grid to look at, and how often the encoder matches its images to their captions."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageDraw, ImageFont

from finetune.miniature.pretraining.examples import plain_examples
from finexl.interfaces import Encoder, ImageGenerator
from finexl.values import ImageStack

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
    examples = plain_examples(4 * n, seed=GRID_SEED + 1)
    first = {text: index for index, text in reversed(list(enumerate(examples.captions)))}
    chosen = sorted(first.values())[:n]
    captions = [examples.captions[index] for index in chosen]
    texts = encoder.embed_texts([f"a photo: {caption}" for caption in captions])

    def accuracy(images: UInt8[np.ndarray, "n h w 3"]) -> float:
        nearest = (encoder.embed_images(ImageStack(images)) @ texts.T).argmax(dim=1)
        return float((nearest.numpy() == np.arange(len(captions))).mean())

    generated = generator.sample(captions, tuple(range(len(captions))))
    rendered = examples.images[chosen]
    return Matching(accuracy(generated), accuracy(rendered), len(captions), 1 / len(captions))


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
