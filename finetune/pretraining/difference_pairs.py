"""Rendered pairs of scenes that differ in style, with captions that say in what and by how much.

For rivals that caption differences: `python -m baselines train chg2cap --pairs
finetune.pretraining.difference_pairs:rendered`. The second image shows the same scene in up to two styles
of any strength, as in "the second image is very vivid and slightly grainy". In half of the pairs subjects also move a
little, and in some both images share a style: neither is a difference worth saying, and some pairs have no other.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import UInt8

from finetune.miniature.examples import STYLES, restyle
from finetune.miniature.render import render
from finetune.miniature.scenes import Scene, sample_scenes
from finetune.miniature.vocabulary import StyledBy

NO_DIFFERENCE = "there is no difference"
DEGREES: tuple[tuple[float, str, float], ...] = (
    (0.2, "slightly", 2.0), (0.4, "somewhat", 4.0), (0.6, "", 6.0), (0.8, "very", 8.0), (1.0, "extremely", 10.0),
)  # fmt: skip
"""Strengths up to each bound, the adverb for them, and what it is worth from 0 to 10."""
N_TRAINED, N_HELD_OUT = 12000, 1000
_SEED, _HELD_OUT_SEED = 71, 72
_CHANCES = (0.12, 0.58, 0.30)
"""Of no, one and two styles."""
_FAINTEST = 0.08
_SHARED = 0.25
"""Share of pairs in which both images have a style in common, of at most this strength."""
_SHARED_STRENGTH = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedPairs:
    """Pairs in the form that `baselines.captioning.pairs.DifferencePairs` asks for."""

    base: UInt8[np.ndarray, "n 64 64 3"]
    personalized: UInt8[np.ndarray, "n 64 64 3"]
    captions: tuple[str, ...]
    changed: tuple[bool, ...]
    aspects: tuple[str, ...]
    degrees: Mapping[str, float]


def rendered() -> RenderedPairs:
    """The pairs that the shipped captioners were trained on."""
    return render_pairs(N_TRAINED, seed=_SEED)


def held_out() -> RenderedPairs:
    """Pairs of other scenes, for measuring."""
    return render_pairs(N_HELD_OUT, seed=_HELD_OUT_SEED)


def render_pairs(n: int, *, seed: int) -> RenderedPairs:
    """`n` random pairs."""
    rng = np.random.default_rng(np.random.SeedSequence([seed, n, 9]))
    scenes = sample_scenes(n, rng)
    moved = [_moved(scene, rng) if rng.random() < 0.5 else scene for scene in scenes]
    shared = [_draw(rng, 1, _SHARED_STRENGTH) if rng.random() < _SHARED else () for _ in range(n)]
    styles = [_differing(rng, common) for common in shared]
    base = _styled(render(scenes), shared, seed * 10)
    personalized = _styled(_styled(render(moved), shared, seed * 10), styles, seed * 10 + 5)
    return RenderedPairs(
        base=base,
        personalized=personalized,
        captions=tuple(difference_caption(drawn) for drawn in styles),
        changed=tuple(bool(drawn) for drawn in styles),
        aspects=STYLES,
        degrees={adverb: worth for _, adverb, worth in DEGREES},
    )


def difference_caption(styles: tuple[StyledBy, ...]) -> str:
    """One sentence that names every style with its degree, the strongest first."""
    if not styles:
        return NO_DIFFERENCE
    ordered = sorted(styles, key=lambda style: (-style.strength, style.name))
    return "the second image is " + " and ".join(_graded(style) for style in ordered)


def _graded(style: StyledBy) -> str:
    adverb = next(adverb for bound, adverb, _ in DEGREES if style.strength <= bound)
    return f"{adverb} {style.name}".strip()


def _moved(scene: Scene, rng: np.random.Generator) -> Scene:
    shifts = rng.normal(0, 0.012, size=(len(scene.positions), 2))
    return replace(
        scene,
        positions=tuple((x + dx, y + dy) for (x, y), (dx, dy) in zip(scene.positions, shifts, strict=True)),
        scale=tuple(float(size * rng.uniform(0.96, 1.04)) for size in scene.scale),
        background_jitter=float(np.clip(scene.background_jitter + rng.normal(0, 0.2), -1, 1)),
    )


def _differing(rng: np.random.Generator, common: tuple[StyledBy, ...]) -> tuple[StyledBy, ...]:
    drawn = _draw(rng, int(rng.choice(3, p=_CHANCES)), 1.0)
    taken = {style.name for style in common}
    return tuple(style for style in drawn if style.name not in taken)


def _draw(rng: np.random.Generator, n: int, strongest: float) -> tuple[StyledBy, ...]:
    chosen = rng.choice(len(STYLES), n, replace=False)
    return tuple(
        StyledBy(name=STYLES[index], strength=float(rng.uniform(_FAINTEST, strongest))) for index in chosen
    )


def _styled(
    images: UInt8[np.ndarray, "n 64 64 3"], styles: list[tuple[StyledBy, ...]], seed: int
) -> UInt8[np.ndarray, "n 64 64 3"]:
    for layer in range(2):
        drawn = [style[layer] if len(style) > layer else None for style in styles]
        index = np.array([STYLES.index(style.name) if style else -1 for style in drawn])
        strength = np.array([style.strength if style else 0.0 for style in drawn])
        images = restyle(images, index, strength, seed=seed + layer)
    return images
