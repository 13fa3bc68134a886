"""Curves as small charts, one for each explainer, so that a dozen of them can be told apart."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import log2
from pathlib import Path

from benchmark.curve.lines import Line
from benchmark.record.files import write_atomically
from benchmark.show.drawing import FAINT, INK, Disc, Drawing, Stroke, Words

PAIRED, UNPAIRED = "#2563eb", "#c2410c"
_PALE = "#d1d5db"
_COLUMNS = 4
_WIDTH, _HEIGHT = 150.0, 100.0
"""Of the inside of a chart, in points."""
_LEFT, _GAP, _HEAD, _FOOT = 44.0, 46.0, 22.0, 26.0
"""Room of a chart: for numbers at its left, to the next one, for its name, and for numbers below."""
_TITLE, _LEGEND = 40.0, 30.0
_ASIDE = 2.5
"""Paired and unpaired spots stand a little apart, so that their intervals do not cover each other."""


def write_charts(lines: Sequence[Line], *, folder: Path) -> None:
    """Write `curve.png` and `curve.svg` into a folder."""
    drawing = curve_drawing(lines)
    write_atomically(folder / "curve.svg", drawing.svg())
    write_atomically(folder / "curve.png", drawing.png())


def curve_drawing(lines: Sequence[Line]) -> Drawing:
    """A block for every score of a scenario, with a chart for every explainer, all on the same axes."""
    blocks = [list(block) for _, block in groupby(lines, key=lambda line: (line.scenario, line.score))]
    heights = [_block_height(block) for block in blocks]
    drawing = Drawing(
        width=_LEFT + _COLUMNS * (_WIDTH + _GAP), height=_LEGEND + sum(heights) + _FOOT, marks=[*_legend()]
    )
    top = _LEGEND
    for block, height in zip(blocks, heights, strict=True):
        drawing.marks.extend(_block(block, top))
        top += height
    return drawing


def _block_height(block: Sequence[Line]) -> float:
    n_rows = -(-len({line.explainer for line in block}) // _COLUMNS)
    return _TITLE + n_rows * (_HEAD + _HEIGHT + _FOOT)


def _legend() -> Iterator[Stroke | Disc | Words]:
    for x, color, paired, text in (
        (_LEFT, PAIRED, True, "pairs of one prompt and noise"),
        (_LEFT + 220, UNPAIRED, False, "unpaired: other prompts and noise"),
    ):
        yield Stroke(spots=((x, 18.0), (x + 24, 18.0)), color=color, width=1.5, dashed=not paired)
        yield Disc(at=(x + 12, 18.0), color=color, filled=paired)
        yield Words(at=(x + 32, 22.0), text=text)
    x = _LEFT + 460
    yield Stroke(spots=((x, 18.0), (x + 24, 18.0)), color=FAINT, dashed=True)
    yield Words(at=(x + 32, 22.0), text="chance; bars: 95% intervals")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Axes:
    """Where numbers of prompts and scores lie in a chart."""

    left: float
    top: float
    numbers: tuple[int, ...]
    highest: float

    def x(self, n_shown: int) -> float:
        first, last = log2(self.numbers[0]), log2(self.numbers[-1])
        share = (log2(n_shown) - first) / (last - first) if last > first else 0.5
        return self.left + (0.06 + 0.88 * share) * _WIDTH

    def y(self, value: float) -> float:
        return self.top + (1 - value / self.highest) * _HEIGHT


def _block(block: Sequence[Line], top: float) -> Iterator[Stroke | Disc | Words]:
    first = block[0]
    arrow = "lower is better" if first.direction == "lower" else "higher is better"
    title = f"{first.scenario}: {first.score.replace('_', ' ')} ({arrow}) by number of images shown"
    yield Words(at=(_LEFT, top + 24), text=title, size=13.0)
    numbers = tuple(sorted({spot.n_shown for line in block for spot in line.spots}))
    for place, explainer in enumerate(dict.fromkeys(line.explainer for line in block)):
        row, column = divmod(place, _COLUMNS)
        axes = _Axes(
            left=_LEFT + column * (_WIDTH + _GAP),
            top=top + _TITLE + row * (_HEAD + _HEIGHT + _FOOT) + _HEAD,
            numbers=numbers,
            highest=_highest(block),
        )
        yield from _frame(axes, explainer, first.chance)
        for line in block:
            if line.explainer == explainer:
                yield from _curve(line, axes)


def _highest(block: Sequence[Line]) -> float:
    """The top of the axis: 1 for a share, else a little above all that is shown."""
    figures = [line.chance or 0.0 for line in block]
    figures += [figure for line in block for spot in line.spots for figure in (spot.value, spot.high or 0.0)]
    return 1.0 if max(figures) <= 1 else max(figures) * 1.05


def _frame(axes: _Axes, name: str, chance: float | None) -> Iterator[Stroke | Words]:
    right, bottom = axes.left + _WIDTH, axes.top + _HEIGHT
    yield Words(at=(axes.left, axes.top - 7), text=name, size=11.0)
    for share in (0.0, 0.5, 1.0):
        y = axes.y(share * axes.highest)
        yield Stroke(spots=((axes.left, y), (right, y)), color=_PALE, width=0.5)
        text = f"{share * axes.highest:.2g}" if axes.highest == 1 else f"{share * axes.highest:.1f}"
        yield Words(at=(axes.left - 5, y + 3), text=text, size=8.0, color=FAINT, anchor="end")
    for number in axes.numbers:
        x = axes.x(number)
        yield Stroke(spots=((x, bottom), (x, bottom + 3)), color=FAINT, width=0.5)
        yield Words(at=(x, bottom + 13), text=str(number), size=8.0, color=FAINT, anchor="middle")
    yield Stroke(spots=((axes.left, bottom), (right, bottom)), color=INK, width=0.5)
    if chance is not None:
        yield Stroke(spots=((axes.left, axes.y(chance)), (right, axes.y(chance))), color=FAINT, dashed=True)


def _curve(line: Line, axes: _Axes) -> Iterator[Stroke | Disc]:
    color, aside = (PAIRED, -_ASIDE) if line.paired else (UNPAIRED, _ASIDE)
    places = [(axes.x(spot.n_shown) + aside, axes.y(spot.value)) for spot in line.spots]
    for spot, (x, _) in zip(line.spots, places, strict=True):
        if spot.low is not None and spot.high is not None:
            yield Stroke(spots=((x, axes.y(spot.low)), (x, axes.y(spot.high))), color=color, width=0.75)
    if len(places) > 1:
        yield Stroke(spots=tuple(places), color=color, width=1.5, dashed=not line.paired)
    yield from (Disc(at=place, color=color, filled=line.paired) for place in places)
