"""Rendered pictures in two draws of styles each, with the sentences that name them: what encoder and captioner see."""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import UInt8

from finetune.miniature.examples import STYLES, plain_examples, restyle
from finetune.miniature.portraits import (
    FEATURES,
    NAMED_FROM,
    Portrait,
    person_caption,
    portrait_caption,
    render_portraits,
    sample_portraits,
    shown_features,
)
from finetune.miniature.vocabulary import StyledBy, say

Styles = tuple[StyledBy, ...]
WORDED = tuple(feature for feature in FEATURES if feature != "hair")
"""Features that are named like styles; hair is part of the caption."""
_CHANCES = (0.2, 0.6, 0.2)
"""Of no, one and two styles or features in an image."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """One look of every picture."""

    images: UInt8[np.ndarray, "n 64 64 3"]
    styles: tuple[Styles, ...]


class StyledPictures:
    """A pool of scenes in different styles and of faces with different features, two draws of each."""

    def __init__(self, n_scenes: int, *, n_portraits: int, seed: int) -> None:
        scene_captions, scenes = _scenes(n_scenes, seed)
        face_captions, faces = _faces(n_portraits, seed)
        self.captions: tuple[str, ...] = (*scene_captions, *face_captions)
        self.styles = [(*scenes[k].styles, *faces[k].styles) for k in range(2)]
        self.images = [np.concatenate([scenes[k].images, faces[k].images]) for k in range(2)]

    def batch(self, size: int, seed: int) -> tuple[UInt8[np.ndarray, "n 64 64 3"], list[str]]:
        """`size` images and sentences: `size / 2` pictures in both draws."""
        rng = np.random.default_rng(seed)
        chosen = rng.choice(len(self.captions), size // 2, replace=False)
        images = np.concatenate([half[chosen] for half in self.images])
        said = [say(self.captions[i], half[i], rng) for half in self.styles for i in chosen]
        return images, said


def _scenes(n: int, seed: int) -> tuple[tuple[str, ...], list[Draw]]:
    plain = plain_examples(n, seed=seed)
    rng = np.random.default_rng(seed + 1)
    styles = [tuple(_draw_styles(rng) for _ in range(n)) for _ in range(2)]
    draws = [
        Draw(images=_styled(plain.images, drawn, seed + 2 + k), styles=drawn)
        for k, drawn in enumerate(styles)
    ]
    return plain.captions, draws


def _faces(n: int, seed: int) -> tuple[tuple[str, ...], list[Draw]]:
    """Half of the faces have features that their captions name; what is drawn comes to these."""
    rng = np.random.default_rng(np.random.SeedSequence([seed, n, 4]))
    sampled = sample_portraits(n, rng)
    bare = [replace(face, **dict.fromkeys(WORDED, 0.0)) for face in sampled]
    is_bare = rng.random(n) < 0.5
    faces = [b if plain else s for b, s, plain in zip(bare, sampled, is_bare, strict=True)]
    captions = tuple(
        (person_caption if plain else portrait_caption)(f) for f, plain in zip(faces, is_bare, strict=True)
    )
    draws = []
    for _ in range(2):
        features = tuple(_draw_features(face, rng) for face in faces)
        shown = [_with(face, drawn) for face, drawn in zip(faces, features, strict=True)]
        draws.append(Draw(images=render_portraits(shown), styles=features))
    return captions, draws


def _with(face: Portrait, features: Styles) -> Portrait:
    return replace(face, **{feature.name: feature.strength for feature in features})


def _draw_features(face: Portrait, rng: np.random.Generator) -> Styles:
    absent = [feature for feature in WORDED if feature not in shown_features(face)]
    chosen = rng.permutation(absent)[: rng.choice(3, p=_CHANCES)]
    return tuple(StyledBy(name=str(name), strength=float(rng.uniform(NAMED_FROM, 1))) for name in chosen)


def _draw_styles(rng: np.random.Generator) -> Styles:
    chosen = rng.choice(len(STYLES), rng.choice(3, p=_CHANCES), replace=False)
    return tuple(StyledBy(name=STYLES[i], strength=float(rng.uniform(0.15, 1))) for i in chosen)


def _styled(
    images: UInt8[np.ndarray, "n 64 64 3"], styles: tuple[Styles, ...], seed: int
) -> UInt8[np.ndarray, "n 64 64 3"]:
    for layer in range(2):
        drawn = [s[layer] if len(s) > layer else None for s in styles]
        index = np.array([STYLES.index(s.name) if s else -1 for s in drawn])
        strength = np.array([s.strength if s else 0.0 for s in drawn])
        images = restyle(images, index, strength, seed=seed * 10 + layer)
    return images
