"""What the survival study shows: counts, what must hold, half shares, confusions and look-alikes; and a picture."""

from collections.abc import Callable, Sequence
from itertools import combinations
from statistics import median
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

from finetune.miniature.aspects import ASPECTS, COMPOSITES
from finetune.miniature.relatives import cosines, look_alike
from finetune.miniature.split import SCORED_ASPECTS
from finetune.studies.survival.study import STATIONS, STYLES_IN_TURN, Station, Survival

NameCosine = Callable[[str, str], float]
"""Cosine between the shifts of two styles' names."""
SHARPNESS = ("blurry", "pixelated", "streaked", "doubled")
"""Aspects that take sharpness away, which an encoder tells apart last."""
APART = 0.8
"""Names of two aspects must have a cosine below it to be told apart."""
HALF = (0.35, 0.65)
"""What half a share of an aspect should show of the whole."""


class Bar(NamedTuple):
    """A row of what must hold: own names at a station and strength."""

    station: Station
    strength: float
    whose: str
    styles: tuple[str, ...]
    rank: int
    """Counted are styles whose own name is at this rank or before it."""
    least: int


_EVERY, _MIXED = tuple(ASPECTS), tuple(COMPOSITES)
BARS = (
    Bar("rendered", 1.0, "aspects", _EVERY, 1, 32),
    Bar("rendered", 0.5, "aspects", _EVERY, 1, 30),
    Bar("rendered", 0.25, "aspects", _EVERY, 1, 26),
    Bar("rendered", 1.0, "composites", _MIXED, 2, 18),
    Bar("autoencoded", 1.0, "aspects", _EVERY, 1, 31),
    Bar("autoencoded", 0.5, "aspects", _EVERY, 1, 29),
    Bar("trained", 1.0, "scored aspects", SCORED_ASPECTS, 1, 14),
    Bar("trained", 1.0, "hatched and grainy", ("hatched", "grainy"), 3, 2),
    Bar("trained", 1.0, "composites", _MIXED, 2, 18),
)
_LEAST_HALVES = 12
"""Of the scored aspects, how many must show half a share within `HALF`."""
_PLACES = {1: "first", 2: "first or second", 3: "among the first three"}


def page(findings: Sequence[Survival], name_cosine: NameCosine) -> str:
    """All that the study shows, as Markdown."""
    parts = (_counts(findings), _held(findings, name_cosine), _halves(findings), _confusions(findings))
    return "\n\n".join("\n".join(part) for part in (*parts, _nearest_names(name_cosine)) if part)


def half_shares(findings: Sequence[Survival], strength: float = 1.0) -> dict[str, float]:
    """By style, the projection on its own name at half a share as a part of that at the whole."""
    size = {(f.station, f.style): f.projection for f in findings if f.strength == strength}
    styles = [style for station, style in size if station == "half" and size.get(("trained", style))]
    return {style: size["half", style] / size["trained", style] for style in styles}


def _counts(findings: Sequence[Survival]) -> list[str]:
    lines = [
        "| station | strength | aspects: own name first | among the first three | cosine, median (least) | "
        "composites: first or second |",
        "|---|---|---|---|---|---|",
    ]
    for (station, strength), own in _by_column(findings).items():
        aspects = [f for f in own if f.style in ASPECTS]
        composites = [f for f in own if f.style not in ASPECTS]
        cosine = [f.cosine for f in aspects or own]
        lines.append(
            f"| {station} | {strength:g} | {_share(aspects, 1)} | {_share(aspects, 3)} | "
            f"{median(cosine):.2f} ({min(cosine):.2f}) | {_share(composites, 2)} |"
        )
    return lines


def _held(findings: Sequence[Survival], name_cosine: NameCosine) -> list[str]:
    lines = ["| must hold | of | at least | found | |", "|---|---|---|---|---|"]
    for bar in BARS:
        own = [
            f
            for f in findings
            if (f.station, f.strength) == (bar.station, bar.strength) and f.style in bar.styles
        ]
        what = f"{bar.station} at {bar.strength:g}: {bar.whose}, own name {_PLACES[bar.rank]}"
        lines += _row(what, len(bar.styles), bar.least, [f.rank <= bar.rank for f in own])
    shares = [share for style, share in half_shares(findings).items() if style in SCORED_ASPECTS]
    what = f"half at 1: scored aspects, {HALF[0]:g} to {HALF[1]:g} of the whole"
    lines += _row(what, len(SCORED_ASPECTS), _LEAST_HALVES, [HALF[0] <= one <= HALF[1] for one in shares])
    pairs = [name_cosine(*pair) < APART for pair in combinations(SHARPNESS, 2)]
    what = f"names of {', '.join(SHARPNESS)}: pairs with a cosine below {APART:g}"
    return lines + _row(what, len(pairs), len(pairs), pairs)


def _row(what: str, n: int, least: int, looked_at: Sequence[bool]) -> list[str]:
    """A bar's line; none where nothing was looked at."""
    n_good = sum(looked_at)
    verdict = "open" if n_good + n - len(looked_at) >= least else "missed"
    found = f"{n_good}" if len(looked_at) == n else f"{n_good} of {len(looked_at)}"
    if not looked_at:
        return []
    return [f"| {what} | {n} | {least} | {found} | {'holds' if n_good >= least else verdict} |"]


def _halves(findings: Sequence[Survival]) -> list[str]:
    shown = [f"{style} {share:.2f}" for style, share in half_shares(findings).items()]
    return [f"Half a share shows, of the whole: {', '.join(shown)}."] if shown else []


def _confusions(findings: Sequence[Survival]) -> list[str]:
    lines = []
    for (station, strength), own in _by_column(findings).items():
        confused = [
            f"{f.style} {f.rank} ({_emphasis(f)}{f.nearest}{_emphasis(f)} {f.cosine:.2f})"
            for f in sorted(own, key=lambda f: STYLES_IN_TURN.index(f.style))
            if f.rank > 1
        ]
        lines += [f"- {station}, {strength:g}: {', '.join(confused)}"] if confused else []
    told = "Own names that are not first: rank, the first name, and the own name's cosine; looks alike by the renderer:"
    return [f"{told} *so*.", "", *lines] if lines else []


def _emphasis(found: Survival) -> str:
    return "*" * look_alike(found.style, found.nearest)


def _nearest_names(name_cosine: NameCosine) -> list[str]:
    rendered = cosines()
    near = {pair: name_cosine(*pair) for pair in combinations(ASPECTS, 2)}
    shown = [pair for pair, cosine in near.items() if cosine >= APART or set(pair) <= set(SHARPNESS)]
    lines = [
        "| names nearest to each other | cosine of names | of rendered effects |",
        "|---|---|---|",
    ]
    return lines + [
        f"| {one}, {other} | {near[one, other]:.2f} | {rendered[one, other]:.2f} |"
        for one, other in sorted(shown, key=lambda pair: -near[pair])
    ]


def _by_column(findings: Sequence[Survival]) -> dict[tuple[Station, float], list[Survival]]:
    """Findings by station and strength, what is whole first."""
    stations = [*STATIONS]
    keys: list[tuple[Station, float]] = list({(f.station, f.strength) for f in findings})
    keys.sort(key=lambda key: (stations.index(key[0]), -key[1]))
    return {key: [f for f in findings if (f.station, f.strength) == key] for key in keys}


def _share(findings: Sequence[Survival], rank: int) -> str:
    return f"{sum(f.rank <= rank for f in findings)} of {len(findings)}" if findings else "–"


_CELL, _ROW, _LEFT, _TOP = 46, 17, 96, 74
_HEAD = "cosine with the own name: green 1st, yellow 2nd or 3rd, red below"
_COLORS = ((46, 139, 87), (240, 200, 80), (205, 92, 80))
"""Of own names at the first place, at the second or third, and below."""


def picture(findings: Sequence[Survival]) -> Image.Image:
    """A row for each style, a column for each station and strength: the cosine, coloured by the rank."""
    styles = [style for style in STYLES_IN_TURN if any(f.style == style for f in findings)]
    columns = [*_by_column(findings)]
    font = ImageFont.load_default(11)
    width = max(_LEFT + _CELL * len(columns) + 12, 16 + round(font.getlength(_HEAD)))
    sheet = Image.new("RGB", (width, _TOP + _ROW * len(styles) + 12), "white")
    pen = ImageDraw.Draw(sheet)
    pen.text((8, 6), _HEAD, fill="black", font=font)
    for x, (station, strength) in enumerate(columns):
        own = [place for place, column in enumerate(columns) if column[0] == station]
        at = _LEFT + x * _CELL
        if x == own[0]:  # once, over all of its columns
            pen.text((at + 2, 34), station[: 7 * len(own)], fill="black", font=font)
        pen.text((at + 2, 52), f"{strength:g}", fill="black", font=font)
    for y, style in enumerate(styles):
        pen.text((8, _TOP + y * _ROW + 1), style, fill="black", font=font)
    for f in findings:
        x, y = columns.index((f.station, f.strength)), styles.index(f.style)
        corner = (_LEFT + x * _CELL, _TOP + y * _ROW)
        shade = 0 if f.rank == 1 else 1 if f.rank <= 3 else 2
        pen.rectangle((*corner, corner[0] + _CELL - 3, corner[1] + _ROW - 3), fill=_COLORS[shade])
        ink = "black" if shade == 1 else "white"
        pen.text((corner[0] + 8, corner[1]), f"{f.cosine:.2f}", fill=ink, font=font)
    return sheet
