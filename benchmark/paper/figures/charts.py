"""Small charts of lines, side by side: axes, lines with spots, and a name for each line."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmark.show.drawing import FAINT, INK, Disc, Drawing, Mark, Stroke, Words

COLORS = ("#2563eb", "#c2410c", "#047857", "#7c3aed", "#a16207", "#be185d")
_PALE = "#d1d5db"
_COLUMNS = 3
"""Charts side by side."""
_WIDTH, _HEIGHT = 230.0, 150.0
"""Of the inside of a chart, in points."""
_APART = 9.0
"""Between the zero line and another that has a number; nearer, the numbers would lie on each other."""
_LEFT, _GAP, _HEAD, _FOOT, _KEY = 44.0, 40.0, 44.0, 40.0, 14.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Values by place, with a name; None leaves a gap."""

    name: str
    values: tuple[float | None, ...]
    color: str
    width: float = 1.5
    dashed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Lines over the same places."""

    title: str
    ticks: tuple[str, ...]
    """What stands below each place."""
    axis: str
    lines: tuple[Line, ...]


def drawing_of(charts: Sequence[Chart]) -> Drawing:
    """Charts side by side in rows, each on axes of its own."""
    n_keys = max((len(chart.lines) for chart in charts), default=0)
    step = _HEAD + _HEIGHT + _FOOT + _KEY * n_keys
    n_rows = -(-len(charts) // _COLUMNS)
    marks = [
        mark
        for place, chart in enumerate(charts)
        for mark in _chart(
            chart, (_LEFT + place % _COLUMNS * (_WIDTH + _GAP + _LEFT), place // _COLUMNS * step + _HEAD)
        )
    ]
    across = min(_COLUMNS, max(1, len(charts)))
    return Drawing(width=across * (_WIDTH + _LEFT + _GAP), height=max(1, n_rows) * step, marks=marks)


def _chart(chart: Chart, corner: tuple[float, float]) -> Iterator[Mark]:
    left, top = corner
    shown = [value for line in chart.lines for value in line.values if value is not None]
    low, high = min([0.0, *shown]), max([0.0, *shown])
    high = high if high > low else low + 1.0

    def spot(place: int, value: float) -> tuple[float, float]:
        x = left + _WIDTH * (place + 0.5) / max(1, len(chart.ticks))
        return x, top + _HEIGHT * (high - value) / (high - low)

    yield Words(at=(left, top - 14), text=chart.title, size=11.0)
    foot = spot(0, 0.0)[1]
    for value in sorted({low, 0.0, high}):
        y = spot(0, value)[1]
        if value and abs(y - foot) < _APART:
            continue
        yield Stroke(spots=((left, y), (left + _WIDTH, y)), color=_PALE)
        yield Words(
            at=(left - 5, y + 3), text=f"{value:.2g}".replace("-", "−"), size=9.0, color=FAINT, anchor="end"
        )
    for place, tick in enumerate(chart.ticks):
        yield Words(
            at=(spot(place, low)[0], top + _HEIGHT + 14), text=tick, size=9.0, color=FAINT, anchor="middle"
        )
    yield Words(
        at=(left + _WIDTH / 2, top + _HEIGHT + 28), text=chart.axis, size=9.0, color=FAINT, anchor="middle"
    )
    for number, line in enumerate(chart.lines):
        spots = [spot(place, value) for place, value in enumerate(line.values) if value is not None]
        if len(spots) > 1:
            yield Stroke(spots=tuple(spots), color=line.color, width=line.width, dashed=line.dashed)
        for at in spots:
            yield Disc(at=at, color=line.color, radius=2.5, filled=not line.dashed)
        y = top + _HEIGHT + _FOOT + 2 + _KEY * number
        yield Stroke(
            spots=((left, y - 3), (left + 18, y - 3)), color=line.color, width=2.0, dashed=line.dashed
        )
        yield Words(at=(left + 24, y), text=line.name, size=9.5, color=INK)
