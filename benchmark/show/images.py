"""Image grids for people: base and personalized images of a group, one row per model, one column per prompt.

Two files are written per group: `<name>.png`, large and labelled, and `<name>.sheet.png`, the bare cells in
rows, from which the report cuts its strips.
"""

import base64
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageDraw, ImageFont, UnidentifiedImageError
from PIL.PngImagePlugin import PngInfo

from benchmark.record.files import write_atomically
from benchmark.show.drawing import printable

Pixels = UInt8[np.ndarray, "n h w 3"]

MAX_COLUMNS = 6
_KEY = "images"
_CELL = 192
_SHEET_CELL = 96
_GAP = 8
_MARGIN = 24
_LABEL_WIDTH = 190
_TITLE_HEIGHT = 58
_HEADER_HEIGHT = 70
_PAPER, _INK, _FAINT, _BASE = "#ffffff", "#16181d", "#6b7280", "#eef2f7"


def sheet_path(grid: Path) -> Path:
    """Where the bare cells of a grid are."""
    return grid.with_suffix(".sheet.png")


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """What a grid shows, and where it is written."""

    path: Path
    title: str
    key: str
    """Names the content of the images; a grid with another key is drawn anew."""


def draw_grid(grid: Grid, *, prompts: Sequence[str], rows: Sequence[tuple[str, Pixels]]) -> None:
    """Write both files of a group; `rows` are (label, images), the base first; six columns at most."""
    shown = prompts[:MAX_COLUMNS]
    write_atomically(grid.path, _png(_labelled(grid.title, shown, rows)))
    sheet = _sheet([images[: len(shown)] for _, images in rows])
    write_atomically(sheet_path(grid.path), _png(sheet, key=grid.key))


def is_drawn(path: Path, key: str) -> bool:
    """Whether both files of a group are there and show the images of this key."""
    try:
        with Image.open(sheet_path(path), formats=("PNG",)) as sheet:
            return path.exists() and sheet.info.get(_KEY) == key
    except (FileNotFoundError, UnidentifiedImageError):
        return False


def rows_of(sheet: Path, n_rows: int) -> tuple[Image.Image, ...]:
    """The rows of a sheet as pictures, from top to bottom."""
    with Image.open(sheet, formats=("PNG",)) as image:
        whole = image.convert("RGB")
    height = whole.height // n_rows
    return tuple(whole.crop((0, row * height, whole.width, (row + 1) * height)) for row in range(n_rows))


def strips(sheet: Path, n_rows: int) -> tuple[str, ...]:
    """The rows of a sheet as data URIs, from top to bottom."""
    return tuple(map(data_uri, rows_of(sheet, n_rows)))


def data_uri(image: Image.Image) -> str:
    """A picture that travels inside a page, in a sixth of the bytes that it takes without loss."""
    buffer = BytesIO()
    image.save(buffer, format="WEBP", quality=90)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")


def _sheet(rows: Sequence[Pixels]) -> Image.Image:
    size = min(rows[0].shape[2], _SHEET_CELL)
    sheet = Image.new("RGB", (size * len(rows[0]), size * len(rows)))
    for row, images in enumerate(rows):
        for column, pixels in enumerate(images):
            sheet.paste(_fitted(pixels, size), (column * size, row * size))
    return sheet


def _labelled(title: str, prompts: Sequence[str], rows: Sequence[tuple[str, Pixels]]) -> Image.Image:
    step = _CELL + _GAP
    left, top = _MARGIN + _LABEL_WIDTH, _MARGIN + _TITLE_HEIGHT + _HEADER_HEIGHT
    size = (left + step * len(prompts) - _GAP + _MARGIN, top + step * len(rows) - _GAP + _MARGIN)
    grid = Image.new("RGB", size, _PAPER)
    pen = ImageDraw.Draw(grid)
    pen.text((_MARGIN, _MARGIN), _line(title, 80), font=_font(28), fill=_INK)
    for column, prompt in enumerate(prompts):
        at = (left + column * step, _MARGIN + _TITLE_HEIGHT)
        pen.multiline_text(at, _wrapped(prompt, 24, 3), font=_font(15), fill=_FAINT, spacing=3)
    for row, (label, images) in enumerate(rows):
        y = top + row * step
        if row == 0:
            pen.rectangle(
                (_MARGIN - 8, y - _GAP // 2, size[0] - _MARGIN + 8, y + _CELL + _GAP // 2 - 1), fill=_BASE
            )
        pen.multiline_text(
            (_MARGIN, y + _CELL // 2), _wrapped(label, 15, 6), font=_font(20), fill=_INK, anchor="lm"
        )
        for column in range(len(prompts)):
            grid.paste(_fitted(images[column], _CELL), (left + column * step, y))
    return grid


def _fitted(pixels: UInt8[np.ndarray, "h w 3"], size: int) -> Image.Image:
    image = Image.fromarray(np.ascontiguousarray(pixels))
    if image.size == (size, size):
        return image
    return image.resize((size, size), Image.Resampling.LANCZOS)


def _line(text: str, width: int) -> str:
    return textwrap.shorten(printable(text), width, placeholder="…")


def _wrapped(text: str, width: int, n_lines: int) -> str:
    return "\n".join(textwrap.wrap(printable(text), width, max_lines=n_lines, placeholder="…"))


@lru_cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _png(image: Image.Image, *, key: str = "") -> bytes:
    buffer, notes = BytesIO(), PngInfo()
    if key:
        notes.add_text(_KEY, key)
    image.save(buffer, format="PNG", pnginfo=notes)
    return buffer.getvalue()
