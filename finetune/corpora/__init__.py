"""Where aspects and captions come from: each corpus gives images of an aspect, and prompts to probe with."""

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
        """`n` different captions of no aspect, drawn apart from those of any images."""
        ...
