"""Faces of the miniature world as a corpus (§6.3): its aspects are features, at amounts that are known exactly."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from finetune.corpora.kinds import PortraitSettings
from finetune.corpora.synthetic import check_aspects, different
from finetune.miniature.portraits import (
    FEATURES,
    Portrait,
    portrait_caption,
    render_portraits,
    sample_portraits,
)
from finexl.code_version import code_version

AMOUNTS = (0.8, 1.0)
"""Range of the feature's amount in the images of an aspect."""
UNNAMED = "mustache"
"""The feature of Fig. 9, which no prompt names."""

_IMAGES, _PROMPTS = 9, 10
"""Seed namespaces, apart from those of the other corpora."""


def open_portraits(settings: PortraitSettings, *, store: Path) -> "PortraitCorpus":
    """The corpus of its settings."""
    del store
    return PortraitCorpus(aspects=settings.aspects or tuple(FEATURES))


@dataclass(frozen=True, slots=True, kw_only=True)
class PortraitCorpus:
    """Rendered faces that all have one feature, beside the same faces without it."""

    aspects: tuple[str, ...] = tuple(FEATURES)

    def __post_init__(self) -> None:
        check_aspects(self.aspects, FEATURES)

    @property
    def id(self) -> str:
        """Names the corpus and the code that makes it."""
        return f"miniature-portraits-{code_version(f'{__name__}:PortraitCorpus')}"

    @property
    def names(self) -> dict[str, tuple[str, ...]]:
        """The words for each feature."""
        return {aspect: FEATURES[aspect] for aspect in self.aspects}

    def images(self, aspect: str, n: int, seed: int) -> tuple[UInt8[np.ndarray, "n h w 3"], tuple[str, ...]]:
        """`n` faces with one feature, with captions that name their other features only."""
        faces, amounts = self._faces(aspect, n, seed)
        shown = [replace(face, **{aspect: amount}) for face, amount in zip(faces, amounts, strict=True)]
        return render_portraits(shown), tuple(portrait_caption(face) for face in faces)

    def contents(self, aspect: str, n: int, seed: int) -> UInt8[np.ndarray, "n h w 3"]:
        """The faces of `images` without the feature."""
        return render_portraits(self._faces(aspect, n, seed)[0])

    def prompts(self, n: int, seed: int) -> tuple[str, ...]:
        """`n` different captions of faces without a mustache."""
        rng = np.random.default_rng(np.random.SeedSequence((_PROMPTS, seed, 0)))

        def said() -> Iterator[str]:
            for face in sample_portraits(n, rng):
                yield portrait_caption(replace(face, **{UNNAMED: 0.0}))

        return different(n, said)

    def _faces(self, aspect: str, n: int, seed: int) -> tuple[list[Portrait], list[float]]:
        """Faces without the feature, and how much of it each will have."""
        check_aspects((aspect,), self.aspects)
        rng = np.random.default_rng(np.random.SeedSequence((_IMAGES, seed, zlib.crc32(aspect.encode()))))
        faces = [replace(face, **{aspect: 0.0}) for face in sample_portraits(n, rng)]
        return faces, rng.uniform(*AMOUNTS, size=n).tolist()
