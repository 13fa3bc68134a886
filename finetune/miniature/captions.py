"""What a scene is called, in the manner of COCO, and how a style and its degree enter the caption."""

from collections.abc import Sequence
from dataclasses import dataclass

from finetune.miniature.scenes import Scene

STYLED_TEMPLATE = "a {style} photo: {caption}"
"""The paper's template; its article is "a" before every style."""
PLAIN_TEMPLATE = "a photo: {caption}"

PLACES: dict[str, str] = {
    "field": "in a field",
    "sky": "in the sky",
    "night": "at night",
    "sea": "on the sea",
    "sunset": "at sunset",
    "desert": "in a desert",
    "plain": "on a plain background",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Degree:
    """An adverb for the strengths from `low` up to `high`."""

    adverb: str
    low: float
    high: float


DEGREES: tuple[Degree, ...] = (
    Degree(adverb="slightly", low=0.15, high=0.40),
    Degree(adverb="", low=0.40, high=0.75),
    Degree(adverb="very", low=0.75, high=1.00),
)


def caption(scene: Scene) -> str:
    """One noun phrase naming every subject with its colour, and the setting."""
    named = zip(scene.colors, scene.subjects, strict=True)
    things = [f"{'an' if color[0] in 'aeiou' else 'a'} {color} {subject}" for color, subject in named]
    return f"{listed(things)} {PLACES[scene.setting]}"


def styled_caption(style: str, scene_caption: str) -> str:
    """The caption of a scene seen in `style`, as in "a vivid photo: a red house in a field"."""
    return STYLED_TEMPLATE.format(style=style, caption=scene_caption)


def plain_caption(scene_caption: str) -> str:
    """The caption of a scene in no particular style."""
    return PLAIN_TEMPLATE.format(caption=scene_caption)


def degree_of(strength: float) -> str:
    """The adverb for a strength in [0, 1]; whatever is fainter than the faintest degree is "slightly" too.

    Raises:
        ValueError: a strength outside [0, 1].
    """
    if not 0 <= strength <= 1:
        raise ValueError(f"`strength` of an aspect must be in [0, 1]. Got {strength!r}.")
    reached = [degree.adverb for degree in DEGREES if strength >= degree.low]
    return reached[-1] if reached else DEGREES[0].adverb


def graded(style: str, strength: float) -> str:
    """`style` with its adverb of degree, as in "slightly vivid", "vivid", "very vivid"."""
    return f"{degree_of(strength)} {style}".strip()


def listed(things: Sequence[str]) -> str:
    """Things as English lists them: "a", "a and b", "a, b and c"."""
    *before, last = things
    return f"{', '.join(before)} and {last}" if before else last
