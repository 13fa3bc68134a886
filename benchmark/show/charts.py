"""Charts of the report as values: places in points that its template draws as inline SVG."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from statistics import fmean

from benchmark.plan.scenarios import SCENARIOS
from benchmark.record.records import GroupRecord
from benchmark.score.scores import ScoreRow
from benchmark.score.scoring import SELECTION
from benchmark.show.score_table import number
from finexl.explain.folding import counted

WIDTH, HEIGHT = 210.0, 150.0
"""Of a small chart with its margins; a wide one is three of them wide."""
_LEFT, _RIGHT, _TOP, _BOTTOM = 40.0, 8.0, 10.0, 30.0
N_HUES = 6
"""Colours of the page for lines; more lines than that share them."""
_FASTEST = -2
"""Power of ten of seconds below which nobody cares who is faster."""
_LINE = 11.0
"""Height of a line of text."""
_TRACKS = ("solo", "joint", "told")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A number at an axis."""

    at: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A dot of a hue, with what it says when it is pointed at, and a name beside it if it has one."""

    x: float
    y: float
    hue: int
    title: str
    name: str = ""
    name_y: float = 0.0
    is_hollow: bool = False
    is_left: bool = False
    """Whether its name stands at its left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """A line of a hue through places, as an SVG path takes them."""

    points: str
    hue: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A chart with its title, a text that says what it shows, axes, and what lies between them."""

    title: str
    about: str
    x_label: str
    y_label: str
    width: float
    height: float
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    marks: tuple[Mark, ...]
    traces: tuple[Trace, ...] = ()
    chance: float | None = None
    """Height of the dashed line of chance."""

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of the inside."""
        return _LEFT, _TOP, self.width - _RIGHT, self.height - _BOTTOM


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """What a hue stands for."""

    hue: int
    text: str


def level_charts(records: Sequence[GroupRecord]) -> tuple[tuple[Key, ...], tuple[Chart, ...]]:
    """For each explainer what was read of every model against its true level, a hue for each aspect.

    A line for each aspect of each group goes through the means at each level. An explainer of which nothing could be
    read has no chart; there are none where no level differs from another, and no keys of more aspects than hues.
    """
    aspects = list(dict.fromkeys(aspect for record in records for aspect in record.aspects))
    levels = sorted({level for record in records for trial in record.trials for level in trial.truth})
    if len(levels) < 2:
        return (), ()
    hues = {aspect: place % N_HUES for place, aspect in enumerate(aspects)}
    charts = tuple(
        chart
        for explainer in dict.fromkeys(record.explainer for record in records)
        if (chart := _levels(explainer, [one for one in records if one.explainer == explainer], levels, hues))
    )
    keys = [Key(hue=hue, text=aspect) for aspect, hue in hues.items()]
    return tuple(keys) if len(keys) <= N_HUES else (), charts


def _levels(
    explainer: str,
    records: Sequence[GroupRecord],
    levels: Sequence[int],
    hues: Mapping[str, int],
) -> Chart | None:
    spots = [
        (trial.truth[place], trial.reading[place], (record.group, aspect))
        for record in records
        for trial in record.trials
        if trial.reading is not None
        for place, aspect in enumerate(record.aspects)
    ]
    if not spots:
        return None
    low, high = min(0.0, *(spot[1] for spot in spots)), max(0.0, *(spot[1] for spot in spots))
    x = _Scale(levels[0], levels[-1], _LEFT + 8, WIDTH - _RIGHT - 8)
    y = _Scale(low, high if high > low else low + 1, HEIGHT - _BOTTOM, _TOP)
    marks = tuple(
        Mark(
            x=x(level),
            y=y(reading),
            hue=hues[line[1]],
            title=f"{line[1]}, level {level}: read {reading:.3g} ({line[0]})",
        )
        for level, reading, line in spots
    )
    n_unread = sum(trial.reading is None for record in records for trial in record.trials)
    return Chart(
        title=explainer,
        about="what was read against true levels"
        + (f"; {counted(n_unread, 'model')} without a reading" if n_unread else ""),
        x_label="true level" + (f" ({n_unread} unread)" if n_unread else ""),
        y_label="read",
        width=WIDTH,
        height=HEIGHT,
        x_ticks=tuple(Tick(at=x(level), text=str(level)) for level in _few(levels)),
        y_ticks=tuple(Tick(at=y(value), text=f"{value:.2g}") for value in y.ends()),
        marks=marks,
        traces=tuple(
            Trace(points=_path([(x(at), y(mean)) for at, mean in _means(spots, line)]), hue=hues[line[1]])
            for line in dict.fromkeys(spot[2] for spot in spots)
        ),
    )


def _means(
    spots: Sequence[tuple[int, float, tuple[str, str]]], line: tuple[str, str]
) -> Iterator[tuple[int, float]]:
    for level in sorted({at for at, _, own in spots if own == line}):
        yield level, fmean(reading for at, reading, own in spots if (at, own) == (level, line))


def cost_chart(rows: Sequence[ScoreRow]) -> Chart | None:
    """Every explainer's own score against its seconds per model on a log axis; None where nothing took time."""
    seconds = {row.explainer: row.seconds / max(row.n_models, 1) for row in rows}
    taken = [value for value in seconds.values() if value > 0]
    if not taken:
        return None
    first = max(floor(log10(min(taken))), _FASTEST)
    last = max(ceil(log10(max(taken))), first + 1)
    own, width, height = rows[0].own, 3 * WIDTH, 1.8 * HEIGHT
    top = 1.0 if own.direction == "higher" else max(*(row.value for row in rows), own.chance) * 1.05 or 1.0
    x = _Scale(first, last, _LEFT + 8, width - _RIGHT - 8)
    y = _Scale(0.0, top, height - _BOTTOM, _TOP)
    places = [(x(log10(max(seconds[row.explainer], 10**first))), y(row.value), row) for row in rows]
    names = _apart([(at_x, at_y, len(row.explainer)) for at_x, at_y, row in places], width)
    marks = tuple(
        Mark(
            x=at_x,
            y=at_y,
            hue=_TRACKS.index(row.track),
            name=row.explainer,
            name_y=name_y,
            is_left=is_left,
            is_hollow=not row.vlm_calls,
            title=f"{row.explainer} ({row.track}): {own.name} {number(row.value)}, {seconds[row.explainer]:.2g} s and "
            f"{row.vlm_calls / max(row.n_models, 1):.3g} VLM calls per model"
            + ("" if row.dollars is None else f", {row.dollars:.2g} dollars in all"),
        )
        for (at_x, at_y, row), (name_y, is_left) in zip(places, names, strict=True)
    )
    better = "lower" if own.direction == "lower" else "higher"
    return Chart(
        title=f"{own.name} against seconds per model",
        about=f"{own.name} of every explainer ({better} is better) against the seconds that one model takes",
        x_label="seconds per model",
        y_label=f"{own.name.replace('_', ' ')} ({better} is better)",
        width=width,
        height=height,
        x_ticks=tuple(Tick(at=x(power), text=_seconds(power)) for power in range(first, last + 1)),
        y_ticks=tuple(Tick(at=y(top * part / 4), text=f"{top * part / 4:.2g}") for part in range(5)),
        marks=marks,
        chance=y(own.chance),
    )


def track_keys(rows: Sequence[ScoreRow]) -> tuple[Key, ...]:
    """What the hues of a cost chart stand for, of tracks that have rows."""
    present = {row.track for row in rows}
    return tuple(Key(hue=hue, text=track) for hue, track in enumerate(_TRACKS) if track in present)


def _seconds(power: int) -> str:
    return f"{10.0**power:g}" + (" or less" if power == _FASTEST else "")


def _apart(places: Sequence[tuple[float, float, int]], width: float) -> list[tuple[float, bool]]:
    """Heights of names beside dots so that none covers another, and which stand at the left of their dots."""
    taken: list[tuple[float, float, float]] = []
    found: dict[int, tuple[float, bool]] = {}
    for index in sorted(range(len(places)), key=lambda index: places[index][1]):
        x, y, n_letters = places[index]
        reach = 6.2 * n_letters + 10
        is_left = x + reach > width - _RIGHT
        left, right = (x - reach, x) if is_left else (x, x + reach)
        name_y = y
        while any(
            left < end and start < right and abs(name_y - other) < _LINE for start, end, other in taken
        ):
            name_y += 2
        taken.append((left, right, name_y))
        found[index] = (name_y, is_left)
    return [found[index] for index in range(len(places))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Confusion:
    """Of one explainer, how often each model of a lattice was picked where each was wished for, in [0, 1]."""

    explainer: str
    n_groups: int
    coordinates: tuple[str, ...]
    shares: tuple[tuple[float, ...], ...]
    """A row for each wish, a column for each model; a row sums to less than 1 where nothing could be read."""


def confusions(records: Sequence[GroupRecord]) -> tuple[Confusion, ...]:
    """The picks of a scenario that is scored by picking: a matrix for each lattice and explainer, over its groups."""
    if SCENARIOS[records[0].scenario].scoring != SELECTION:
        return ()
    found: dict[tuple[Lattice, str], list[GroupRecord]] = {}
    for record in records:
        found.setdefault((tuple(trial.truth for trial in record.trials), record.explainer), []).append(record)
    order = list(dict.fromkeys(lattice for lattice, _ in found))
    return tuple(
        _confusion(explainer, lattice, own)
        for (lattice, explainer), own in sorted(found.items(), key=lambda item: order.index(item[0][0]))
        if len(set(lattice)) == len(lattice)
    )


Lattice = tuple[tuple[int, ...], ...]


def _confusion(explainer: str, lattice: Lattice, records: Sequence[GroupRecord]) -> Confusion:
    from benchmark.score.selection_accuracy import picks  # late: it imports torch

    picked = [picks([trial.reading for trial in record.trials], lattice) for record in records]
    places = range(len(lattice))
    shares = tuple(
        tuple(
            fmean(1 / len(group[wish]) if model in group[wish] else 0.0 for group in picked)
            for model in places
        )
        for wish in places
    )
    return Confusion(
        explainer=explainer,
        n_groups=len(records),
        coordinates=tuple(" ".join(map(str, truth)) for truth in lattice),
        shares=shares,
    )


@dataclass(frozen=True, slots=True)
class _Scale:
    """From numbers to points."""

    first: float | int
    last: float | int
    start: float
    end: float

    def __call__(self, value: float | int) -> float:
        return self.start + (value - self.first) / (self.last - self.first) * (self.end - self.start)

    def ends(self) -> tuple[float | int, ...]:
        """Both ends, and 0 where it lies well between."""
        span = self.last - self.first
        has_zero = self.first + 0.1 * span < 0 < self.last - 0.1 * span
        return (self.first, 0.0, self.last) if has_zero else (self.first, self.last)


def _few(levels: Sequence[int]) -> list[int]:
    step = -(-len(levels) // 6)
    return [level for place, level in enumerate(levels) if place % step == 0 or place == len(levels) - 1]


def _path(places: Sequence[tuple[float, float]]) -> str:
    return "M" + " L".join(f"{x:.1f} {y:.1f}" for x, y in places)
