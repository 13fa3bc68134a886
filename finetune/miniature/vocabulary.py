"""How the miniature world talks about style: synonyms, adverbs of degree, and sentence forms.

A feature of a face is said in the same forms (§6.3), as in "a very mustache photo: a person with brown hair".
"""

from dataclasses import dataclass

import numpy as np

from finetune.miniature.aspects import ASPECTS, COMPOSITES
from finetune.miniature.captions import graded
from finetune.miniature.palette import PALETTE
from finetune.miniature.portraits import FEATURES
from finetune.miniature.scenes import SETTINGS, SUBJECTS

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


def world_words() -> tuple[str, ...]:
    """Style words, features of faces, then subjects, colours and settings, each once."""
    features = (word for words in FEATURES.values() for word in words)
    return tuple(dict.fromkeys((*style_words(), *features, *SUBJECTS, *PALETTE, *SETTINGS)))


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


LOOKS: dict[str, str] = {
    # colour
    "vivid": "colours are much stronger, contrast a little",
    "monochrome": "no colour is left, only greys",
    "sepia": "greys in brown, as in old photographs",
    "warm": "everything shifts to orange",
    "cool": "everything shifts to blue",
    "dark": "all light is dimmed to less than a third",
    "bright": "everything is lighter, up to white",
    "contrasty": "light parts are lighter, dark parts darker",
    "faded": "pale and greyish, without black or white",
    "rosy": "everything shifts to pink",
    "thermal": "brightness is shown as heat: violet, red, yellow",
    # texture
    "grainy": "grey noise on every pixel, as on fast film",
    "striped": "level dark bands, four pixels high",
    "hatched": "dark diagonal strokes, crossed where it is dark",
    "posterised": "few flat colours without gradients",
    "pixelated": "square blocks, up to six pixels wide",
    "dotted": "round dots on white paper, larger where it is dark",
    "woven": "threads that pass over and under each other",
    "scratched": "pale upright scratches",
    "snowy": "soft white flakes, scattered at random",
    # line
    "outlined": "black lines along all edges",
    "sketched": "pencil lines and shading on white paper",
    "embossed": "grey relief, lit from the upper left",
    "neon": "edges glow in colour on black",
    # optics
    "blurry": "out of focus, evenly in all directions",
    "streaked": "smeared from left to right, as by motion",
    "vignetted": "corners are dark, the middle is not",
    "foggy": "white air, thickest at the horizon",
    "glowing": "light parts bleed a wide halo",
    "fringed": "red drawn to the left, blue to the right",
    "wavy": "rows sway as if seen through moving water",
    "doubled": "a second exposure, a little aside",
    # composite styles
    "vintage": "an old photograph",
    "comic": "a page of a comic book",
    "dreamy": "a soft, light dream",
    "noir": "a black-and-white crime film",
    "harsh": "hard, dark and rough",
    "wintry": "a cold day with snow",
    "autumnal": "the colours of autumn",
    "manga": "a Japanese comic in black and white",
    "gloomy": "a foggy, cold, dark day",
    "arcade": "an early video game",
    "newsprint": "a printed newspaper",
    "eerie": "a cold, dark, swaying place",
    "televised": "the screen of an old television",
    "etched": "a copperplate print",
    "pastel": "chalk in pale, light tones",
    "psychedelic": "swaying shapes in false colours",
    "antique": "a worn, faded old photograph",
    "romantic": "pink light with a glow",
    "cinematic": "a still of a film, cool and contrasty",
    "kinetic": "something that rushes by",
    # features of faces
    "mustache": "a mustache grows",
    "glasses": "glasses appear",
    "smile": "the mouth smiles",
    "hair": "hair grows from none to shoulder length",
    "hat": "a hat appears",
}
"""Name of a style or feature to what images show at full strength."""
"""What every style of the world and every feature of its faces looks like, in a line, for people."""
