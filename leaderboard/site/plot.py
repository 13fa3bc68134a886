"""The trade-off of a track: its first score against seconds, as places in an inline SVG."""

from dataclasses import dataclass
from math import ceil, floor, log10

from leaderboard.board.table import Row, Track, shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A line of the grid."""

    at: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A row."""

    anchor: str
    name: str
    role: str
    label: str
    """What a reader without sight is told."""
    x: float
    y: float
    text_x: float
    text_anchor: str
    is_on_front: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """Points on a grid; x is the logarithm of seconds, and up is always better."""

    label: str
    points: tuple[Point, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    front: str
    """Points of the line through entries that none is both faster and better than."""
    width: int = 760
    height: int = 340
    left: int = 56
    right: int = 736
    top: int = 24
    bottom: int = 300


FASTEST = 1e-3
"""Seconds below which all are as fast."""


def tradeoff(track: Track) -> Plot | None:
    """The plot of a track; None where no row has its first score."""
    rows = [(row, row.cells[0].score) for row in track.rows if row.cells and row.cells[0] is not None]
    if not rows:
        return None
    frame = Plot(label="", points=(), x_ticks=(), y_ticks=(), front="")
    column = track.columns[0]
    is_up = column.direction == "higher"
    top = (
        1.0
        if column.is_share
        else max([score.value for _, score in rows] + [column.chance or 0.0]) * 1.05 or 1.0
    )
    times = [log10(max(FASTEST, row.seconds)) for row, _ in rows]
    first, last = floor(min(times)), max(ceil(max(times)), floor(min(times)) + 1)

    def x(time: float) -> float:
        return round(frame.left + (time - first) / (last - first) * (frame.right - frame.left), 1)

    def y(value: float) -> float:
        height = min(1.0, max(0.0, value / top))
        return round(frame.bottom - (height if is_up else 1 - height) * (frame.bottom - frame.top), 1)

    best = _front([(row, -score.value if is_up else score.value) for row, score in rows])
    points = []
    for (row, score), time in zip(rows, times, strict=True):
        is_right = x(time) > (frame.left + frame.right) / 2
        value = shown(score.value, is_share=score.is_share)
        points.append(
            Point(
                anchor=row.anchor,
                name=row.entry.name,
                role=row.role,
                label=f"{row.entry.name}: {value}, {row.seconds:.2f} seconds for one model",
                x=x(time),
                y=y(score.value),
                text_x=round(x(time) + (8 if is_right else -8), 1),
                text_anchor="end" if is_right else "start",
                is_on_front=row.id in best,
            )
        )
    on_front = sorted((point for point in points if point.is_on_front), key=lambda one: (one.x, -one.y))
    return Plot(
        label=f"{column.scenario} {column.metric}".replace("_", " "),
        points=tuple(points),
        x_ticks=tuple(Tick(at=x(float(power)), label=f"{10.0**power:g}") for power in range(first, last + 1)),
        y_ticks=tuple(
            Tick(at=y(top * share), label=shown(top * share, is_share=column.is_share))
            for share in (0, 0.25, 0.5, 0.75, 1)
        ),
        front=" ".join(f"{point.x},{point.y}" for point in on_front),
    )


def _front(rows: list[tuple[Row, float]]) -> set[str]:
    """Entries that no other is both as fast and better than; `rows` with what should be small."""
    entries = sorted(((max(FASTEST, row.seconds), loss, row.id) for row, loss in rows if row.role == "entry"))
    front, least = set(), float("inf")
    for _, loss, id in entries:
        if loss < least:
            front.add(id)
            least = loss
    return front
