"""A frozen description of an image in the miniature world, and the law that such descriptions are drawn from.

Three scenes in four show a single large subject near the centre: a small diffusion network has to learn this
world within an hour on a CPU.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from finetune.miniature.palette import PALETTE
from finexl.errors import InvalidInputError, unknown_name

SUBJECTS: tuple[str, ...] = (
    "house", "tree", "fish", "boat", "star", "ball", "mug",
    "car", "flower", "bird", "cat", "mushroom", "heart", "kite",
)  # fmt: skip
COLORS: tuple[str, ...] = tuple(PALETTE)
SETTINGS: tuple[str, ...] = ("field", "sky", "night", "sea", "sunset", "desert", "plain")

CAMOUFLAGED: dict[str, frozenset[str]] = {
    "field": frozenset({"green", "blue"}),
    "sky": frozenset({"blue", "white"}),
    "night": frozenset({"black", "blue", "brown"}),
    "sea": frozenset({"blue", "purple"}),
    "sunset": frozenset({"red", "orange", "yellow", "pink", "brown", "purple"}),
    "desert": frozenset({"yellow", "orange", "brown"}),
    "plain": frozenset({"white"}),
}
"""Colours that a subject does not wear in a setting, because they would not stand out there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One to three coloured subjects in a setting."""

    subjects: tuple[str, ...]
    colors: tuple[str, ...]
    """One per subject."""
    setting: str
    positions: tuple[tuple[float, float], ...]
    """Centre of each subject as fractions of width and height, y pointing down."""
    scale: tuple[float, ...]
    """Height of each subject's frame, in pixels of 64."""
    background_jitter: float = 0.0
    """In [-1, 1]: moves clouds, moon, sun and waves a little sideways and varies the light."""

    def __post_init__(self) -> None:
        counts = {len(self.subjects), len(self.colors), len(self.positions), len(self.scale)}
        if counts not in ({1}, {2}, {3}):
            raise InvalidInputError(
                "`subjects`, `colors`, `positions` and `scale` of a scene must have the same length, 1 to 3. "
                f"Got {self!r}."
            )
        known = {"subjects": SUBJECTS, "colors": COLORS, "setting": SETTINGS}
        given = {"subjects": self.subjects, "colors": self.colors, "setting": (self.setting,)}
        for field, names in given.items():
            for name in names:
                if name not in known[field]:
                    raise unknown_name(field, name, known[field])


def sample_scenes(n: int, rng: np.random.Generator) -> tuple[Scene, ...]:
    """`n` random scenes: 75 % with one large subject, 18 % with two, 7 % with three."""
    extra = rng.choice(3, size=n, p=(0.75, 0.18, 0.07))
    return tuple(_sample_scene(_LAYOUTS[number], rng) for number in extra)


def colors_in(setting: str) -> tuple[str, ...]:
    """The colours that stand out in `setting`."""
    return tuple(color for color in COLORS if color not in CAMOUFLAGED[setting])


class _Layout(NamedTuple):
    """Where a number of subjects stand, and how much that varies."""

    columns: tuple[float, ...]
    height_px: tuple[float, float]
    spread: tuple[float, float]


_LAYOUTS = (
    _Layout(columns=(0.5,), height_px=(31.0, 38.0), spread=(0.06, 0.04)),
    _Layout(columns=(0.28, 0.72), height_px=(22.0, 26.0), spread=(0.02, 0.03)),
    _Layout(columns=(0.19, 0.5, 0.81), height_px=(16.0, 18.0), spread=(0.01, 0.02)),
)
"""Of one, two and three subjects."""
_ROW = 0.55


def _sample_scene(layout: _Layout, rng: np.random.Generator) -> Scene:
    count = len(layout.columns)
    setting = SETTINGS[rng.integers(len(SETTINGS))]
    return Scene(
        subjects=_draw(SUBJECTS, count, rng),
        colors=_draw(colors_in(setting), count, rng),
        setting=setting,
        positions=tuple(_place(column, layout.spread, rng) for column in layout.columns),
        scale=tuple(float(size) for size in rng.uniform(*layout.height_px, size=count)),
        background_jitter=float(rng.uniform(-1, 1)),
    )


def _draw(names: Sequence[str], count: int, rng: np.random.Generator) -> tuple[str, ...]:
    return tuple(names[int(index)] for index in rng.choice(len(names), size=count, replace=False))


def _place(column: float, spread: tuple[float, float], rng: np.random.Generator) -> tuple[float, float]:
    dx, dy = rng.uniform(-1, 1, size=2) * spread
    return (float(column + dx), float(_ROW + dy))
