"""How the miniature world talks about style: synonyms, adverbs of degree, and sentence forms."""

from dataclasses import dataclass

import numpy as np

from finetune.miniature.aspects import ASPECTS, COMPOSITES
from finetune.miniature.captions import graded

FORMS: tuple[str, ...] = (
    "a {style} photo: {caption}",
    "a {style} photo: {caption}",
    "{caption}, {style}",
    "{caption} in a {style} style",
)
PLAIN_FORMS: tuple[str, ...] = ("a photo: {caption}", "a photo: {caption}", "{caption}")


@dataclass(frozen=True, slots=True, kw_only=True)
class StyledBy:
    """A style of the world with the strength it is applied at."""

    name: str
    strength: float


def synonyms(name: str) -> tuple[str, ...]:
    """The English words for an aspect or composite style, its name first."""
    return (ASPECTS[name] if name in ASPECTS else COMPOSITES[name]).synonyms


def style_words() -> tuple[str, ...]:
    """Every word for every aspect and composite style."""
    return tuple(word for name in (*ASPECTS, *COMPOSITES) for word in synonyms(name))


def say(caption: str, styles: tuple[StyledBy, ...], rng: np.random.Generator) -> str:
    """A sentence for a scene in some styles: random synonyms, true degrees, a random form."""
    if not styles:
        return PLAIN_FORMS[rng.integers(len(PLAIN_FORMS))].format(caption=caption)
    words = [_word(style, rng) for style in styles]
    return FORMS[rng.integers(len(FORMS))].format(style=" and ".join(words), caption=caption)


def _word(style: StyledBy, rng: np.random.Generator) -> str:
    words = synonyms(style.name)
    word = words[rng.integers(len(words))]
    return graded(word, style.strength) if rng.random() < 0.5 else word


DEGREE_SCORES: dict[str, float] = {"slightly": 3.0, "": 6.0, "very": 9.0}
"""What the world's adverbs of degree are worth on a scale from 1 to 10: about ten times their mean strength."""
