"""The synthetic corpus of §5 in the miniature world: rendered scenes in one style at a time.

The paper has Stable Diffusion 3.5 draw "a <style> photo: <caption>"; here the renderer draws the caption's
scene and the style's operator is applied to it. Captions leave the style out: a personalized model has to
show its style without being asked for it. At full scale: `drawn`.
"""

import zlib
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from finetune.corpora.kinds import SyntheticSettings
from finetune.miniature import ASPECTS, COMPOSITES, apply_aspect, caption, render, sample_scenes
from finetune.miniature.split import SCORED_ASPECTS
from finetune.miniature.vocabulary import synonyms
from finexl.code_version import code_version
from finexl.errors import InvalidInputError, unknown_name

_IMAGES, _PROMPTS = 1, 2
"""Seed namespaces, so that a probe never repeats the draw of a training image."""


def open_synthetic(settings: SyntheticSettings, *, store: Path) -> "SyntheticCorpus":
    """The corpus of its settings."""
    del store
    return SyntheticCorpus(aspects=settings.aspects or SCORED_ASPECTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntheticCorpus:
    """Scenes of the miniature world, each style at a strength drawn from `strengths`."""

    aspects: tuple[str, ...] = SCORED_ASPECTS
    """Fifteen styles, as in the paper."""
    strengths: tuple[float, float] = (0.8, 1.0)

    def __post_init__(self) -> None:
        check_aspects(self.aspects, (*ASPECTS, *COMPOSITES))
        low, high = self.strengths
        if not 0 <= low <= high <= 1:
            raise InvalidInputError(
                f"`strengths` of a corpus must be two numbers in [0, 1], ascending. Got {self.strengths!r}."
            )

    @property
    def id(self) -> str:
        """Names the corpus, the code that makes it and its strengths."""
        low, high = self.strengths
        return f"miniature-synthetic-{low:g}-{high:g}-{code_version(f'{__name__}:SyntheticCorpus')}"

    @property
    def names(self) -> dict[str, tuple[str, ...]]:
        """The words for each style."""
        return {aspect: synonyms(aspect) for aspect in self.aspects}

    def images(self, aspect: str, n: int, seed: int) -> tuple[UInt8[np.ndarray, "n h w 3"], tuple[str, ...]]:
        """`n` rendered scenes in one style, with plain captions; each style has scenes of its own."""
        rng = self._rng_of(aspect, seed)
        scenes = sample_scenes(n, rng)
        strengths = rng.uniform(*self.strengths, size=n)
        styled = apply_aspect(render(scenes), aspect, strengths, seed=int(rng.integers(2**31)))
        return styled, tuple(caption(scene) for scene in scenes)

    def contents(self, aspect: str, n: int, seed: int) -> UInt8[np.ndarray, "n h w 3"]:
        """The scenes of `images(aspect, n, seed)`, row by row, in no style."""
        return render(sample_scenes(n, self._rng_of(aspect, seed)))

    def prompts(self, n: int, seed: int) -> tuple[str, ...]:
        """`n` different plain captions."""
        rng = np.random.default_rng(np.random.SeedSequence((_PROMPTS, seed, 0)))
        return different(n, lambda: map(caption, sample_scenes(n, rng)))

    def _rng_of(self, aspect: str, seed: int) -> np.random.Generator:
        check_aspects((aspect,), self.aspects)
        return np.random.default_rng(np.random.SeedSequence((_IMAGES, seed, zlib.crc32(aspect.encode()))))


def check_aspects(aspects: Iterable[str], known: Collection[str]) -> None:
    """Raise unless all aspects are known."""
    for aspect in aspects:
        if aspect not in known:
            raise unknown_name("aspects", aspect, known)


def different(n: int, draw: Callable[[], Iterable[str]]) -> tuple[str, ...]:
    """The first `n` different captions of a hundred draws."""
    found: dict[str, None] = {}
    for _ in range(100):
        found |= dict.fromkeys(draw())
        if len(found) >= n:
            return tuple(found)[:n]
    raise InvalidInputError(
        f"`n` prompts must not exceed what the world can say. Got {n}; it has {len(found)}."
    )
