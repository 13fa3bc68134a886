"""A drawing in strokes, discs, words and pictures, written as SVG for pages and as PNG for everything else."""

from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from io import BytesIO
from itertools import pairwise
from math import dist
from typing import Literal

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageDraw, ImageFont

Spot = tuple[float, float]
"""Right of the left edge and below the top one, in points."""
PAPER, INK, FAINT = "#ffffff", "#16181d", "#6b7280"
_FONT = "DejaVu Sans, Helvetica, Arial, sans-serif"
_SCALE = 2
"""Pixels of the PNG per point."""
_DASH = 4.0
_ANCHORS = {"start": "ls", "middle": "ms", "end": "rs"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stroke:
    """A line through spots."""

    spots: tuple[Spot, ...]
    color: str
    width: float = 1.0
    dashed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Disc:
    """A small disc, or a ring where it is not filled."""

    at: Spot
    color: str
    radius: float = 3.0
    filled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A line of text that stands on a spot."""

    at: Spot
    text: str
    size: float = 10.0
    color: str = INK
    anchor: Literal["start", "middle", "end"] = "start"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Picture:
    """A square of pixels, whose left upper corner is a spot."""

    at: Spot
    side: float
    pixels: UInt8[np.ndarray, "h w 3"]

    @property
    def image(self) -> Image.Image:
        """The pixels as an image."""
        return Image.fromarray(np.ascontiguousarray(self.pixels))


Mark = Stroke | Disc | Words | Picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """Marks on white paper; later ones lie above."""

    width: float
    height: float
    marks: list[Mark] = field(default_factory=list)

    def svg(self) -> bytes:
        """The drawing as a page's vector graphic."""
        size = f'width="{self.width:g}" height="{self.height:g}"'
        lines = [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {self.width:g} {self.height:g}">',
            f'<rect {size} fill="{PAPER}"/>',
            *map(_svg, self.marks),
            "</svg>\n",
        ]
        return "\n".join(lines).encode()

    def png(self) -> bytes:
        """The drawing as pixels, two to a point."""
        image = Image.new("RGB", (round(self.width * _SCALE), round(self.height * _SCALE)), PAPER)
        pen = ImageDraw.Draw(image)
        for mark in self.marks:
            if isinstance(mark, Picture):
                side = round(mark.side * _SCALE)
                image.paste(
                    mark.image.resize((side, side), Image.Resampling.NEAREST), _whole(_pixel(mark.at))
                )
            else:
                _draw(pen, mark)
        return _png(image)


def _png(image: Image.Image) -> bytes:
    buffer = BytesIO()
    image.save(buffer, format="PNG")
    return buffer.getvalue()


def _svg(mark: Mark) -> str:
    match mark:
        case Picture(at=(x, y), side=side):
            place = f'x="{x:.1f}" y="{y:.1f}" width="{side:g}" height="{side:g}"'
            pixels = b64encode(_png(mark.image)).decode("ascii")
            return f'<image {place} style="image-rendering:pixelated" href="data:image/png;base64,{pixels}"/>'
        case Stroke(spots=spots, color=color, width=width, dashed=dashed):
            points = " ".join(f"{x:.1f},{y:.1f}" for x, y in spots)
            dash = f' stroke-dasharray="{_DASH:g}"' if dashed else ""
            return (
                f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="{width:g}"{dash}/>'
            )
        case Disc(at=(x, y), color=color, radius=radius, filled=filled):
            inside = color if filled else PAPER
            return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" fill="{inside}" stroke="{color}"/>'
        case Words(at=(x, y), text=text, size=size, color=color, anchor=anchor):
            place = f'x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" fill="{color}" text-anchor="{anchor}"'
            return f'<text {place} font-family="{_FONT}">{escape(printable(text))}</text>'


def _draw(pen: ImageDraw.ImageDraw, mark: Stroke | Disc | Words) -> None:
    match mark:
        case Stroke(spots=spots, color=color, width=width, dashed=dashed):
            for start, end in _dashes(spots) if dashed else pairwise(spots):
                pen.line([_pixel(start), _pixel(end)], fill=color, width=max(1, round(width * _SCALE)))
        case Disc(at=at, color=color, radius=radius, filled=filled):
            (x, y), reach = _pixel(at), radius * _SCALE
            box = (x - reach, y - reach, x + reach, y + reach)
            pen.ellipse(box, fill=color if filled else PAPER, outline=color, width=_SCALE)
        case Words(at=at, text=text, size=size, color=color, anchor=anchor):
            font = ImageFont.load_default(size * _SCALE)
            said = printable(text).replace("−", "-")  # the font has no other minus
            pen.text(_pixel(at), said, font=font, fill=color, anchor=_ANCHORS[anchor])


def _dashes(spots: Sequence[Spot]) -> Iterator[tuple[Spot, Spot]]:
    """Every other piece of a line."""
    for (x, y), (end_x, end_y) in pairwise(spots):
        n = max(1, round(dist((x, y), (end_x, end_y)) / _DASH))
        step_x, step_y = (end_x - x) / n, (end_y - y) / n
        for piece in range(0, n, 2):
            begin = (x + piece * step_x, y + piece * step_y)
            yield begin, (begin[0] + step_x, begin[1] + step_y)


def _pixel(at: Spot) -> Spot:
    return at[0] * _SCALE, at[1] * _SCALE


def _whole(at: Spot) -> tuple[int, int]:
    return round(at[0]), round(at[1])


def printable(text: str) -> str:
    """A text with a space for whatever has no sign."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
