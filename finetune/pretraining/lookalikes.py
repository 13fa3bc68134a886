"""Pictures that are hard to tell apart: scenes in styles that look alike, faces with other features.

A batch of scenes in styles drawn at random is matched by telling blurry from sepia; nothing in it asks to tell blurry
from pixelated. Here each scene comes in four looks, half of the time all from one family of styles that look alike, so
that the only thing which tells four images, and four sentences, from each other is what they are easily taken for.
"""

import numpy as np
from jaxtyping import UInt8

from finetune.miniature.examples import plain_examples
from finetune.miniature.vocabulary import StyledBy, say
from finetune.pretraining.styled import Styles, draw_faces, draw_styles, styled

LOOKALIKES: tuple[tuple[str, ...], ...] = (
    ("blurry", "pixelated", "streaked", "doubled", "dreamy", "kinetic"),
    ("blurry", "foggy", "glowing", "dreamy", "romantic"),
    ("fringed", "doubled", "streaked", "wavy", "televised", "blurry"),
    ("wavy", "eerie", "psychedelic", "doubled", "streaked"),
    ("grainy", "snowy", "dotted", "woven", "scratched", "harsh"),
    ("hatched", "woven", "striped", "scratched", "etched", "sketched"),
    ("striped", "televised", "woven", "hatched"),
    ("dotted", "newsprint", "manga", "grainy", "pixelated"),
    ("outlined", "comic", "etched", "manga", "sketched", "neon"),
    ("sketched", "embossed", "monochrome", "etched", "outlined"),
    ("posterised", "pixelated", "arcade", "comic"),
    ("vivid", "contrasty", "arcade", "comic", "psychedelic", "autumnal"),
    ("bright", "faded", "pastel", "foggy", "glowing", "wintry"),
    ("dark", "vignetted", "gloomy", "harsh", "eerie", "cinematic"),
    ("monochrome", "noir", "newsprint", "etched", "manga", "faded"),
    ("sepia", "warm", "vintage", "antique", "autumnal", "rosy"),
    ("cool", "wintry", "gloomy", "eerie", "televised", "cinematic"),
    ("rosy", "romantic", "pastel", "warm"),
    ("grainy", "vintage", "harsh", "sepia", "vignetted"),
    ("scratched", "antique", "sepia", "faded"),
    ("thermal", "psychedelic", "neon", "vivid"),
    ("contrasty", "noir", "cinematic", "harsh", "kinetic"),
    ("vignetted", "noir", "cinematic", "vintage", "romantic"),
    ("snowy", "wintry", "bright", "cool"),
)
"""Families of styles that are easily taken for each other; every style of the world is in at least one."""
N_LOOKS = 4
_FACES = 1 / 6
"""Share of faces among the subjects of a batch."""
_ALIKE = 0.5
"""Share of scenes whose looks come from one family."""


class LookalikePictures:
    """Scenes from a pool and new faces, every one of them in four looks, drawn anew for each batch."""

    def __init__(self, n_scenes: int, *, seed: int) -> None:
        self._plain = plain_examples(n_scenes, seed=seed)

    def batch(self, size: int, seed: int) -> tuple[UInt8[np.ndarray, "n 64 64 3"], list[str]]:
        """`size` images and sentences: `size / 4` scenes and faces, in four looks each."""
        rng = np.random.default_rng(seed)
        n_faces = round(size // N_LOOKS * _FACES)
        chosen = rng.choice(len(self._plain.captions), size // N_LOOKS - n_faces, replace=False)
        looks = [_looks(rng) for _ in chosen]
        captions, faces = draw_faces(n_faces, seed, n_draws=N_LOOKS)
        images, said = [], []
        for number in range(N_LOOKS):
            styles = tuple(look[number] for look in looks)
            images += [
                styled(self._plain.images[chosen], styles, seed * N_LOOKS + number),
                faces[number].images,
            ]
            said += [say(self._plain.captions[i], s, rng) for i, s in zip(chosen, styles, strict=True)]
            said += [say(text, s, rng) for text, s in zip(captions, faces[number].styles, strict=True)]
        return np.concatenate(images), said


def _looks(rng: np.random.Generator) -> list[Styles]:
    if rng.random() >= _ALIKE:
        return [draw_styles(rng) for _ in range(N_LOOKS)]
    family = LOOKALIKES[rng.integers(len(LOOKALIKES))]
    names = rng.choice(family, N_LOOKS, replace=False)
    return [(StyledBy(name=str(name), strength=float(rng.uniform(0.15, 1))),) for name in names]
