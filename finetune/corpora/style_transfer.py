"""The Style Transfer corpus (App. D) in the miniature world: every content in every style, 50 × 50 renderings.

Kitov et al. (arXiv 2412.17139) render 50 content images in 50 styles; so here do 50 scenes, shared by all styles.
The real data: `style_transfer_folder`.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from finetune.corpora.kinds import StyleTransferSettings
from finetune.corpora.synthetic import SyntheticCorpus, check_aspects
from finetune.miniature import ASPECTS, COMPOSITES, Scene, apply_aspect, caption, render, sample_scenes
from finetune.miniature.vocabulary import synonyms
from finexl.code_version import code_version
from finexl.errors import InvalidInputError

STYLES: tuple[str, ...] = (*ASPECTS, *COMPOSITES)[:50]
N_CONTENTS = 50
_CONTENT_SEED = 50_50


def open_style_transfer(settings: StyleTransferSettings, *, store: Path) -> "StyleTransferCorpus":
    """The corpus of its settings."""
    del store
    return StyleTransferCorpus(aspects=settings.aspects or STYLES)


@dataclass(frozen=True, slots=True, kw_only=True)
class StyleTransferCorpus:
    """Fifty scenes, each in fifty styles at full strength."""

    aspects: tuple[str, ...] = STYLES

    def __post_init__(self) -> None:
        check_aspects(self.aspects, STYLES)

    @property
    def id(self) -> str:
        """Names the corpus and the code that makes it."""
        return f"miniature-style-transfer-{code_version(f'{__name__}:StyleTransferCorpus')}"

    @property
    def n_images(self) -> int:
        """Fifty of every style."""
        return N_CONTENTS

    @property
    def names(self) -> dict[str, tuple[str, ...]]:
        """The words for each style."""
        return {aspect: synonyms(aspect) for aspect in self.aspects}

    def images(self, aspect: str, n: int, seed: int) -> tuple[UInt8[np.ndarray, "n h w 3"], tuple[str, ...]]:
        """`n` of the fifty renderings of a style, drawn by `seed`, with the captions of their contents."""
        chosen, rng = self._chosen(aspect, n, seed)
        styled = apply_aspect(render(chosen), aspect, 1.0, seed=int(rng.integers(2**31)))
        return styled, tuple(caption(scene) for scene in chosen)

    def contents(self, aspect: str, n: int, seed: int) -> UInt8[np.ndarray, "n h w 3"]:
        """The scenes of `images(aspect, n, seed)`, row by row, in no style."""
        return render(self._chosen(aspect, n, seed)[0])

    def prompts(self, n: int, seed: int) -> tuple[str, ...]:
        """`n` different plain captions, as in the synthetic corpus."""
        return SyntheticCorpus().prompts(n, seed)

    def _chosen(self, aspect: str, n: int, seed: int) -> tuple[list[Scene], np.random.Generator]:
        check_aspects((aspect,), self.aspects)
        if n > N_CONTENTS:
            raise InvalidInputError(
                f"A style of the Style Transfer corpus has {N_CONTENTS} images. Asked for {n}. "
                f"Set preset.n_images to at most {N_CONTENTS}."
            )
        contents = sample_scenes(N_CONTENTS, np.random.default_rng(_CONTENT_SEED))
        rng = np.random.default_rng(np.random.SeedSequence((4, seed)))
        return [contents[index] for index in rng.permutation(N_CONTENTS)[:n]], rng
