"""Where aspects and captions come from: each corpus gives images of an aspect, and prompts to probe with.

opening                  from settings to a corpus
synthetic, style_transfer, wikiart, portraits      the miniature's: rendered
drawn, style_transfer_folder, wikiart_table        the paper's, at full scale
folder, table            yours: any folder, list, Parquet file or `datasets.Dataset`
coco_prompts             captions to probe with
few_prompts              more prompts than a small corpus has
labelled, pictures       what all corpora of files have in common
reading, naming          strangers' images and labels, hardened
captioning, stable_diffusion_3                     the models that describe and draw
"""

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import UInt8


@runtime_checkable
class Corpus(Protocol):
    """Captioned images of a number of aspects, all functions of a seed."""

    @property
    def id(self) -> str:
        """Names the corpus and the version of what makes it; equal ids mean equal images."""
        ...

    @property
    def aspects(self) -> tuple[str, ...]:
        """The aspects it has images of."""
        ...

    def images(self, aspect: str, n: int, seed: int) -> tuple[UInt8[np.ndarray, "n h w 3"], tuple[str, ...]]:
        """`n` images of one aspect with captions that do not name it."""
        ...

    def prompts(self, n: int, seed: int) -> tuple[str, ...]:
        """`n` different captions of no aspect, drawn apart from those of any images.

        Raises:
            TooFewPromptsError: There are fewer (`few_prompts`).
        """
        ...


@runtime_checkable
class PairedCorpus(Corpus, Protocol):
    """A corpus that knows what its images show without their aspect."""

    def contents(self, aspect: str, n: int, seed: int) -> UInt8[np.ndarray, "n h w 3"]:
        """What `images(aspect, n, seed)` shows, row by row, without the aspect."""
        ...


@runtime_checkable
class NamedCorpus(Corpus, Protocol):
    """A corpus that knows the words for its aspects."""

    @property
    def names(self) -> Mapping[str, Sequence[str]]:
        """Aspect to the English words that count as naming it, the usual one first."""
        ...


@runtime_checkable
class LimitedCorpus(Corpus, Protocol):
    """A corpus that does not have as many images as are asked for."""

    @property
    def n_images(self) -> int:
        """How many images every aspect has: the number of the aspect with fewest."""
        ...
