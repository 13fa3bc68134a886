"""Several images as one picture with labels, for endpoints that take one image in a request."""

import math
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

GAP = 8
"""Pixels between images."""
CAPTION = "The images are shown as one picture, in reading order, each below its label: Image 1 to Image {n}."
_LEAST_SIDE = 64


def collage(images: Sequence[Image.Image]) -> Image.Image:
    """Images in reading order on a white sheet of an even number of columns, each below its number.

    So that pairs stand beside each other.
    """
    width, height = (
        max(_LEAST_SIDE, *sides) for sides in zip(*(image.size for image in images), strict=True)
    )
    label = max(12, height // 16)
    columns = min(len(images), 2 * math.ceil(math.sqrt(len(images)) / 2))
    rows = math.ceil(len(images) / columns)
    cell_width, cell_height = width + GAP, height + label + 2 * GAP
    sheet = Image.new("RGB", (columns * cell_width + GAP, rows * cell_height + GAP), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=label)
    for number, image in enumerate(images):
        left = GAP + number % columns * cell_width
        top = GAP + number // columns * cell_height
        draw.text((left, top), f"Image {number + 1}", fill="black", font=font)
        sheet.paste(image.convert("RGB"), (left, top + label + GAP))
    return sheet
