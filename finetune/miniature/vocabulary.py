"""How the miniature world talks about style: synonyms, adverbs of degree, and sentence forms.

A feature of a face is said in the same forms (§6.3), as in "a very mustache photo: a person with brown hair".
"""

from dataclasses import dataclass

import numpy as np

from finetune.miniature.aspects import ASPECTS, COMPOSITES
from finetune.miniature.captions import graded
from finetune.miniature.portraits import FEATURES

FORMS: tuple[str, ...] = (
    "a {style} photo: {caption}",
    "a {style} photo: {caption}",
    "{caption}, {style}",
    "{caption} in a {style} style",
)
PLAIN_FORMS: tuple[str, ...] = ("a photo: {caption}", "a photo: {caption}", "{caption}")


@dataclass(frozen=True, slots=True, kw_only=True)
class StyledBy:
    """A style of the world with the strength it is applied at, or a feature of a face with its amount."""

    name: str
    strength: float


def synonyms(name: str) -> tuple[str, ...]:
    """The English words for an aspect, a composite style or a feature of a face, its name first."""
    if name in FEATURES:
        return FEATURES[name]
    return (ASPECTS[name] if name in ASPECTS else COMPOSITES[name]).synonyms


def style_words() -> tuple[str, ...]:
    """Every word for every aspect and composite style."""
    return tuple(word for name in (*ASPECTS, *COMPOSITES) for word in synonyms(name))


def say(caption: str, styles: tuple[StyledBy, ...], rng: np.random.Generator) -> str:
    """A sentence for a scene in some styles: random synonyms, true degrees, a random form.

    Features always come first: the captions of faces are longer than a text encoder's context.
    """
    if not styles:
        return PLAIN_FORMS[rng.integers(len(PLAIN_FORMS))].format(caption=caption)
    words = [_word(style, rng) for style in styles]
    forms = FORMS[:1] if any(style.name in FEATURES for style in styles) else FORMS
    return forms[rng.integers(len(forms))].format(style=" and ".join(words), caption=caption)


def _word(style: StyledBy, rng: np.random.Generator) -> str:
    words = synonyms(style.name)
    word = words[rng.integers(len(words))]
    return graded(word, style.strength) if rng.random() < 0.5 else word


DEGREE_SCORES: dict[str, float] = {"slightly": 3.0, "": 6.0, "very": 9.0}
"""What the world's adverbs of degree are worth on a scale from 1 to 10: about ten times their mean strength."""
