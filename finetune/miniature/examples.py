"""Rendered training examples for the miniature's models, drawn from a seed."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt8

from finetune.miniature.aspects import ASPECTS, COMPOSITES, apply_aspect
from finetune.miniature.captions import caption, graded, plain_caption, styled_caption
from finetune.miniature.render import render
from finetune.miniature.scenes import Scene, sample_scenes


@dataclass(frozen=True, slots=True, kw_only=True)
class Examples:
    """Renderings and their captions."""

    images: UInt8[np.ndarray, "n 64 64 3"]
    captions: tuple[str, ...]


def plain_examples(n: int, seed: int, chunk: int = 4000) -> Examples:
    """`n` rendered scenes in no particular style."""
    rng = np.random.default_rng(np.random.SeedSequence([seed, n, 1]))
    scenes: list[Scene] = list(sample_scenes(n, rng))
    images = np.concatenate([render(scenes[start : start + chunk]) for start in range(0, n, chunk)])
    return Examples(images=images, captions=tuple(caption(scene) for scene in scenes))


def worded_examples(n_plain: int, n_styled: int, seed: int) -> Examples:
    """Plain scenes, half of them called photos, then scenes in one style each, which the caption grades and names."""
    plain = plain_examples(n_plain + n_styled, seed=seed)
    rng = np.random.default_rng(np.random.SeedSequence([seed, n_styled, 5]))
    styles = np.concatenate([np.full(n_plain, -1), rng.integers(len(STYLES), size=n_styled)])
    strengths = np.where(styles < 0, 0.0, rng.uniform(0.15, 1, len(styles)))
    said = [
        _said(text, style, strength, bare=i % 2 == 0)
        for i, (text, style, strength) in enumerate(
            zip(plain.captions, styles.tolist(), strengths.tolist(), strict=True)
        )
    ]
    return Examples(images=restyle(plain.images, styles, strengths, seed=seed), captions=tuple(said))


def _said(scene_caption: str, style: int, strength: float, *, bare: bool) -> str:
    if style >= 0:
        return styled_caption(graded(STYLES[style], strength), scene_caption)
    return scene_caption if bare else plain_caption(scene_caption)


STYLES: tuple[str, ...] = (*ASPECTS, *COMPOSITES)


def restyle(
    images: UInt8[np.ndarray, "n 64 64 3"], styles: np.ndarray, strengths: np.ndarray, seed: int
) -> UInt8[np.ndarray, "n 64 64 3"]:
    """Apply to each image the style with its index in `STYLES` (−1: none) at its strength in [0, 1]."""
    styled = images.copy()
    for index in np.unique(styles):
        if index >= 0:
            chosen = np.flatnonzero(styles == index)
            styled[chosen] = apply_aspect(images[chosen], STYLES[index], strengths[chosen], seed=seed)
    return styled
