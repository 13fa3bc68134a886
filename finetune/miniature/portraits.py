"""Faces with sliders: the attributes of §6.3, each drawn at an amount that is known exactly.

A slider grows its feature from nothing: the silhouette is eroded by its own depth at 0 and whole at 1.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, UInt8

from finetune.miniature.captions import listed
from finetune.miniature.distances import (
    Distance,
    Plane,
    box,
    circle,
    ellipse,
    intersection,
    ring,
    rounded_box,
    segment,
    union,
)
from finetune.miniature.palette import DARK, PAPER, RGB, Tone
from finetune.miniature.render import SIZE, local_plane, paint, quantized
from finetune.miniature.shapes import Layer
from finexl.errors import InvalidInputError, unknown_name

FEATURES: dict[str, tuple[str, ...]] = {
    "mustache": ("mustache", "moustache", "whiskers"),
    "glasses": ("glasses", "spectacles", "eyeglasses"),
    "smile": ("smile", "grin", "laugh"),
    "hair": ("hair", "hairdo", "hairstyle"),
    "hat": ("hat", "cap", "headwear"),
}
"""The sliders and their English names, the slider's own first."""

SKINS: dict[str, RGB] = {
    "light": (0.95, 0.80, 0.69),
    "tan": (0.84, 0.64, 0.47),
    "dark": (0.55, 0.37, 0.26),
}
HAIR_COLORS: dict[str, RGB] = {
    "black": (0.13, 0.11, 0.12),
    "brown": (0.38, 0.23, 0.13),
    "blond": (0.90, 0.75, 0.40),
    "red": (0.72, 0.30, 0.13),
    "gray": (0.62, 0.62, 0.64),
}
BACKDROPS: dict[str, RGB] = {
    "blue": (0.48, 0.63, 0.82),
    "green": (0.52, 0.70, 0.52),
    "yellow": (0.91, 0.83, 0.52),
    "gray": (0.76, 0.76, 0.78),
}

NAMED_FROM = 0.25
"""A feature enters the caption from this amount on."""

_HAT: RGB = (0.20, 0.26, 0.50)
_BAND: RGB = (0.80, 0.25, 0.25)
_LIPS: RGB = (0.62, 0.16, 0.18)
_SHIRT: RGB = (0.30, 0.44, 0.52)


_NOTHING = 0.02
"""A distance outside a figure at which antialiasing leaves no trace of it, at 27 pixels per unit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Portrait:
    """One face; sliders are in [0, 1] and 0 is absent."""

    mustache: float = 0.0
    glasses: float = 0.0
    smile: float = 0.0
    hair: float = 0.6
    """0 is bald, 1 falls to the shoulders."""
    hat: float = 0.0
    skin: str = "light"
    hair_color: str = "brown"
    backdrop: str = "blue"
    shift: tuple[float, float] = (0.0, 0.0)
    """How far the head is off its usual place, as fractions of the image."""

    def __post_init__(self) -> None:
        for feature in FEATURES:
            if not 0 <= getattr(self, feature) <= 1:
                raise InvalidInputError(
                    f"`{feature}` of a portrait must be in [0, 1]. Got {getattr(self, feature)!r}."
                )
        for field, known in (("skin", SKINS), ("hair_color", HAIR_COLORS), ("backdrop", BACKDROPS)):
            if getattr(self, field) not in known:
                raise unknown_name(field, getattr(self, field), known)


def sample_portraits(n: int, rng: np.random.Generator) -> tuple[Portrait, ...]:
    """`n` random faces: hair on four in five, every other feature on half of them."""
    return tuple(_sample_portrait(rng) for _ in range(n))


def portrait_caption(portrait: Portrait) -> str:
    """Names the features that show, as in "a portrait of a person with brown hair and glasses"."""
    shown = [_words(feature, portrait) for feature in shown_features(portrait)]
    return f"a portrait of a person with {listed(shown or ['no hair'])} on a {portrait.backdrop} background"


def person_caption(portrait: Portrait) -> str:
    """Names hair and background only, as in "a person with brown hair on a blue background"."""
    hair = f" with {portrait.hair_color} hair" if portrait.hair >= NAMED_FROM else ""
    return f"a person{hair} on a {portrait.backdrop} background"


def feature_caption(feature: str, portrait: Portrait) -> str:
    """Names one feature and nothing else, as in "a person with a mustache"."""
    return f"a person with {_words(feature, portrait)}"


def shown_features(portrait: Portrait) -> tuple[str, ...]:
    """The features that a caption names."""
    return tuple(feature for feature in FEATURES if getattr(portrait, feature) >= NAMED_FROM)


def _words(feature: str, portrait: Portrait) -> str:
    without_article = {"hair": f"{portrait.hair_color} hair", "glasses": "glasses"}
    return without_article.get(feature, f"a {feature}")


def render_portraits(portraits: Sequence[Portrait]) -> UInt8[np.ndarray, "n 64 64 3"]:
    """The images of `portraits`, sRGB in 0..255; no portraits give an array of no images."""
    images = np.empty((len(portraits), SIZE, SIZE, 3), dtype=np.uint8)
    for start in range(0, len(portraits), 16):
        images[start : start + 16] = _render_block(portraits[start : start + 16])
    return images


def _render_block(portraits: Sequence[Portrait]) -> UInt8[np.ndarray, "n 64 64 3"]:
    px = np.full(len(portraits), 27.0, dtype=np.float32)
    shifts = np.array([portrait.shift for portrait in portraits], dtype=np.float32)
    plane = local_plane((np.array([0.5, 0.53], dtype=np.float32) + shifts) * SIZE, px)
    backdrop = np.array([BACKDROPS[portrait.backdrop] for portrait in portraits], dtype=np.float32)
    canvas = np.repeat(np.repeat(backdrop[:, :, None, None], SIZE, axis=2), SIZE, axis=3)
    skin = np.array([SKINS[portrait.skin] for portrait in portraits], dtype=np.float32)
    hair = np.array([HAIR_COLORS[portrait.hair_color] for portrait in portraits], dtype=np.float32)
    sliders = {feature: [getattr(portrait, feature) for portrait in portraits] for feature in FEATURES}
    amounts = {name: np.array(row, dtype=np.float32)[:, None, None] for name, row in sliders.items()}
    paint(canvas, (_hair_behind(plane, amounts["hair"]),), hair, px)
    paint(canvas, _head(plane), skin, px)
    paint(canvas, _face_hair(plane, amounts), hair, px)
    paint(canvas, (*_eyes(plane), _mouth(plane, amounts["smile"])), skin, px)
    paint(canvas, (_mustache(plane, amounts["mustache"]),), hair, px)
    paint(canvas, (_glasses(plane, amounts["glasses"]), *_hat(plane, amounts["hat"])), skin, px)
    return quantized(canvas)


def _grown(whole: Distance, amount: Float[np.ndarray, "n 1 1"], depth: float) -> Distance:
    """`whole` eroded by what `amount` in [0, 1] leaves of its `depth`; at 0 not even its skeleton is left."""
    return np.maximum(whole, np.float32(-depth)) + (1 - amount) * np.float32(depth + _NOTHING)


def _head(plane: Plane) -> tuple[Layer, ...]:
    ears = union(ellipse(plane, (-0.54, 0.10), (0.11, 0.16)), ellipse(plane, (0.54, 0.10), (0.11, 0.16)))
    return (
        Layer(ellipse(plane, (0.0, 1.24), (0.98, 0.48)), _SHIRT),
        Layer(rounded_box(plane, (0.0, 0.70), (0.22, 0.24), radius=0.10), Tone.SHADE),
        Layer(ears, Tone.SHADE),
        Layer(ellipse(plane, (0.0, 0.08), (0.54, 0.68)), Tone.BODY),
        Layer(ellipse(plane, (0.0, 0.22), (0.09, 0.08)), Tone.SHADE),
    )


def _hair_behind(plane: Plane, amount: Float[np.ndarray, "n 1 1"]) -> Layer:
    mane = rounded_box(plane, (0.0, 0.10), (0.78, 0.86), radius=0.60)
    tips = plane.y - (np.float32(-0.80) + np.float32(1.75) * amount)
    return Layer(intersection(mane + (1 - amount) * np.float32(0.18), tips), Tone.BODY)


def _face_hair(plane: Plane, amounts: dict[str, Float[np.ndarray, "n 1 1"]]) -> tuple[Layer, ...]:
    fringe = plane.y - (np.float32(-0.70) + np.float32(0.46) * amounts["hair"])
    scalp = intersection(ellipse(plane, (0.0, 0.06), (0.57, 0.71)), fringe)
    brows = union(
        segment(plane, (-0.34, -0.18), (-0.13, -0.17), thickness=0.035),
        segment(plane, (0.13, -0.17), (0.34, -0.18), thickness=0.035),
    )
    return (Layer(scalp, Tone.BODY), Layer(brows, Tone.BODY))


def _eyes(plane: Plane) -> Iterator[Layer]:
    for side in (-0.23, 0.23):
        yield Layer(ellipse(plane, (side, 0.0), (0.12, 0.085)), PAPER)
        yield Layer(circle(plane, (side, 0.0), 0.065), DARK)


def _mouth(plane: Plane, amount: Float[np.ndarray, "n 1 1"]) -> Layer:
    """A flat line that bends and opens into a broad laugh."""
    bow = (plane.x / np.float32(0.30)) ** 2
    upper = np.float32(0.50) - amount * np.float32(0.05) * bow
    lower = np.float32(0.55) + amount * np.float32(0.17) * (1 - bow)
    half = np.float32(0.20) + amount * np.float32(0.10)
    return Layer(intersection(upper - plane.y, plane.y - lower, np.abs(plane.x) - half), _LIPS)


def _mustache(plane: Plane, amount: Float[np.ndarray, "n 1 1"]) -> Layer:
    halves = union(ellipse(plane, (-0.16, 0.39), (0.24, 0.12)), ellipse(plane, (0.16, 0.39), (0.24, 0.12)))
    return Layer(_grown(halves, amount, 0.10), Tone.BODY)


def _glasses(plane: Plane, amount: Float[np.ndarray, "n 1 1"]) -> Layer:
    rims = union(ring(plane, (-0.24, 0.0), 0.19, 0.04), ring(plane, (0.24, 0.0), 0.19, 0.04))
    bridge = box(plane, (0.0, -0.02), (0.06, 0.035))
    sides = union(box(plane, (-0.49, -0.02), (0.07, 0.035)), box(plane, (0.49, -0.02), (0.07, 0.035)))
    return Layer(_grown(union(rims, bridge, sides), amount, 0.04), DARK)


def _hat(plane: Plane, amount: Float[np.ndarray, "n 1 1"]) -> tuple[Layer, ...]:
    """A top hat that rises out of its brim."""
    top = np.float32(2 * _NOTHING - 0.40) - np.float32(0.66) * amount
    crown = intersection(np.abs(plane.x) - np.float32(0.54), top - plane.y, plane.y + np.float32(0.40))
    return (
        Layer(crown, _HAT),
        Layer(_grown(box(plane, (0.0, -0.48), (0.54, 0.09)), amount, 0.09), _BAND),
        Layer(_grown(rounded_box(plane, (0.0, -0.36), (0.84, 0.09), radius=0.09), amount, 0.09), _HAT),
    )


def _sample_portrait(rng: np.random.Generator) -> Portrait:
    sliders: dict[str, float] = {}
    for feature in FEATURES:
        shows, amount = rng.random(), rng.uniform(NAMED_FROM, 1)
        sliders[feature] = float(amount) if shows < (0.8 if feature == "hair" else 0.5) else 0.0
    dx, dy = rng.uniform(-0.03, 0.03, size=2)
    skin, hair, backdrop = (
        tuple(colors)[rng.integers(len(colors))] for colors in (SKINS, HAIR_COLORS, BACKDROPS)
    )
    return Portrait(**sliders, skin=skin, hair_color=hair, backdrop=backdrop, shift=(float(dx), float(dy)))
