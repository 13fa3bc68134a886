"""WikiArt (§5, App. D) in the miniature world: artists are distributions over styles, with spread inside each.

WikiArt has 129 artists of very different output; the fifteen with the most images are used, and images without a
known artist are left out. So here: twenty artists, sizes that fall off, and the fifteen largest are the aspects.
The real data: `wikiart_table`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from finetune.corpora.kinds import WikiArtSettings
from finetune.corpora.synthetic import SyntheticCorpus, check_aspects
from finetune.miniature import COMPOSITES, apply_aspect, caption, render, sample_scenes
from finetune.miniature.vocabulary import synonyms
from finexl.code_version import code_version
from finexl.errors import InvalidInputError

N_LARGEST = 15
STRENGTHS = (0.5, 1.0)
"""Range of a single image's strength: an artist's hand varies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Artist:
    """Someone who works mostly in one composite style, and now and then in two others."""

    name: str
    n_images: int
    styles: tuple[tuple[str, float], ...]
    """(composite style, share of the artist's images); shares sum to 1, the largest first."""


_NAMES = (
    "Aldova", "Brennick", "Castellan", "Dorivel", "Eskerud", "Faldini", "Grevenstein",
    "Halloway", "Ivarsen", "Jorvath", "Kessling", "Lorimond", "Marchetti", "Norrvik",
    "Ostrander", "Pellegrin", "Quillan", "Rademaker", "Sorensten", "Tavoli",
)  # fmt: skip
_SHARES = (0.7, 0.2, 0.1)


_STYLES = tuple(COMPOSITES)
ARTISTS: Mapping[str, Artist] = {
    name: Artist(
        name=name,
        n_images=1900 // (index + 4),
        styles=tuple((_STYLES[(index + 7 * k) % len(_STYLES)], share) for k, share in enumerate(_SHARES)),
    )
    for index, name in enumerate(_NAMES)
}
LARGEST: tuple[str, ...] = _NAMES[:N_LARGEST]
"""The artists with the most images: sizes fall off in the order of names."""


def open_wikiart(settings: WikiArtSettings, *, store: Path) -> "WikiArtCorpus":
    """The corpus of its settings."""
    del store
    return WikiArtCorpus(aspects=settings.aspects or LARGEST)


@dataclass(frozen=True, slots=True, kw_only=True)
class WikiArtCorpus:
    """Scenes by the fifteen most productive artists of the miniature world."""

    aspects: tuple[str, ...] = LARGEST

    def __post_init__(self) -> None:
        check_aspects(self.aspects, ARTISTS)

    @property
    def id(self) -> str:
        """Names the corpus and the code that makes it."""
        return f"miniature-wikiart-{code_version(f'{__name__}:WikiArtCorpus')}"

    @property
    def n_images(self) -> int:
        """As many as the least productive artist has."""
        return min(ARTISTS[name].n_images for name in self.aspects)

    @property
    def names(self) -> dict[str, tuple[str, ...]]:
        """The words that describe each artist: those of the style of most of the artist's images."""
        return {name: synonyms(ARTISTS[name].styles[0][0]) for name in self.aspects}

    def images(self, aspect: str, n: int, seed: int) -> tuple[UInt8[np.ndarray, "n h w 3"], tuple[str, ...]]:
        """`n` images by one artist, styles drawn by the artist's shares, with captions that do not say so."""
        rng, artist = self._rng_of(aspect, n, seed), ARTISTS[aspect]
        scenes = sample_scenes(n, rng)
        plain, strengths = render(scenes), rng.uniform(*STRENGTHS, size=n)
        drawn = rng.choice(len(artist.styles), size=n, p=[share for _, share in artist.styles])
        images = plain.copy()
        for index, (style, _) in enumerate(artist.styles):
            mine = drawn == index
            images[mine] = apply_aspect(plain[mine], style, strengths[mine], seed=int(rng.integers(2**31)))
        return images, tuple(caption(scene) for scene in scenes)

    def contents(self, aspect: str, n: int, seed: int) -> UInt8[np.ndarray, "n h w 3"]:
        """The scenes of `images(aspect, n, seed)`, row by row, in no style."""
        return render(sample_scenes(n, self._rng_of(aspect, n, seed)))

    def prompts(self, n: int, seed: int) -> tuple[str, ...]:
        """`n` different plain captions, as in the synthetic corpus."""
        return SyntheticCorpus().prompts(n, seed)

    def _rng_of(self, aspect: str, n: int, seed: int) -> np.random.Generator:
        check_aspects((aspect,), self.aspects)
        if n > ARTISTS[aspect].n_images:
            raise InvalidInputError(
                f"{aspect} has {ARTISTS[aspect].n_images} images. Asked for {n}. Lower preset.n_images."
            )
        return np.random.default_rng(np.random.SeedSequence((5, seed, _NAMES.index(aspect))))
