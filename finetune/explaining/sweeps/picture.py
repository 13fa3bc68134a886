"""A sweep as a picture: a row for each level with its first pictures, and bars with bands for target and drift."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from finetune.explaining.paired_images import picture
from finetune.explaining.sweeps.sweep import Measured, Sweep, folder_of
from finexl.explain.harmless import shown
from finexl.explanation import Interval

PICTURE = "sweep.png"
N_SAMPLES = 5
_TILE, _GAP, _TOP, _LABELS, _AXIS, _MARGIN = 96, 4, 44, 150, 260, 40
"""Pixels: a sample, between two, the heads of columns, the levels' names, an axis, beside an axis."""
_INK, _FAINT, _BAR, _DRIFT = (27, 31, 36), (150, 158, 166), (112, 172, 136), (206, 148, 124)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Axis:
    """Numbers as places in a column."""

    left: int
    low: float
    high: float

    def x(self, number: float) -> float:
        return self.left + (number - self.low) / (self.high - self.low) * _AXIS


def sweep_picture(sweep: Sweep, folder: Path) -> Image.Image:
    """Draw a sweep beside the pictures in its folder; levels that drift beyond the bound are grey."""
    left = _LABELS + N_SAMPLES * (_TILE + _GAP) + _MARGIN
    target = _axis(left, [level.target_band for level in sweep.levels])
    drift = _axis(left + _AXIS + 2 * _MARGIN, [level.drift_band for level in sweep.levels])
    size = (drift.left + _AXIS + _MARGIN, _TOP + len(sweep.levels) * (_TILE + _GAP) + _GAP)
    image = Image.new("RGB", size, (255, 255, 255))
    draw = ImageDraw.Draw(image)
    heads = ((target, shown(sweep.target, longest=32) or "no change"), (drift, "drift: all else"))
    for axis, name in heads:
        draw.text((axis.left, 8), name, fill=_INK, font=ImageFont.load_default(16))
        for end in {axis.low, 0.0, axis.high}:
            draw.text(
                (axis.x(end), _TOP - 2),
                f"{end:.2g}",
                fill=_FAINT,
                font=ImageFont.load_default(12),
                anchor="ms",
            )
        draw.line((axis.x(0.0), _TOP, axis.x(0.0), size[1]), fill=_FAINT)
    for row, level in enumerate(sweep.levels):
        top = _TOP + row * (_TILE + _GAP)
        _samples(image, folder_of(folder, level.label), top)
        _say(draw, sweep, level, top)
        faint = level.label not in sweep.usable
        _bar(draw, target.x, (level.target, level.target_band), top=top, colour=_FAINT if faint else _BAR)
        _bar(draw, drift.x, (level.drift, level.drift_band), top=top, colour=_FAINT if faint else _DRIFT)
    return image


def _axis(left: int, bands: list[Interval]) -> _Axis:
    low, high = min(0.0, *(band[0] for band in bands)), max(0.0, *(band[1] for band in bands))
    return _Axis(left=left, low=low, high=high if high > low else low + 1.0)


def _samples(image: Image.Image, folder: Path, top: int) -> None:
    """The first pictures of a level, as many as there are."""
    for column in range(N_SAMPLES):
        if (file := picture(folder, column)).is_file():
            with Image.open(file) as held:
                tile = held.convert("RGB").resize((_TILE, _TILE), Image.Resampling.LANCZOS)
            image.paste(tile, (_LABELS + column * (_TILE + _GAP), top))


def _say(draw: ImageDraw.ImageDraw, sweep: Sweep, level: Measured, top: int) -> None:
    middle, font = top + _TILE // 2, ImageFont.load_default(16)
    label = shown(level.label, longest=18)
    draw.text(
        (8, middle), label, fill=_INK if level.label in sweep.usable else _FAINT, font=font, anchor="lm"
    )
    if level.label in sweep.best:
        said = "best" if len(sweep.best) == 1 else "among the best"
        draw.text((8, middle + 20), said, fill=_INK, font=ImageFont.load_default(13), anchor="lm")


def _bar(
    draw: ImageDraw.ImageDraw,
    x: Callable[[float], float],
    measured: tuple[float, Interval],
    *,
    top: int,
    colour: tuple[int, int, int],
) -> None:
    amount, band = measured
    middle, (low, high) = top + _TILE // 2, map(x, band)
    left, right = sorted((x(0.0), x(amount)))
    draw.rectangle((left, middle - 14, right, middle + 14), fill=colour)
    draw.line((low, middle, high, middle), fill=_INK, width=2)
    for end in (low, high):
        draw.line((end, middle - 6, end, middle + 6), fill=_INK, width=2)
