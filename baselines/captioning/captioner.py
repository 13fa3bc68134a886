"""A captioner of image pairs, whichever network is behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float
from PIL import Image
from torch import Tensor

from baselines.captioning.preprocessing import Preprocessing
from baselines.captioning.vocabulary import Vocabulary

_AT_ONCE = 32


@runtime_checkable
class PairNetwork(Protocol):
    """A network in inference mode that says how the second of two images differs from the first."""

    def caption(
        self, base: Float[Tensor, "n 3 h w"], personalized: Float[Tensor, "n 3 h w"]
    ) -> list[str]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PairCaptioner:
    """Images in, sentences out."""

    network: PairNetwork
    preprocessing: Preprocessing
    vocabulary: Vocabulary
    id: str
    device: str = "cpu"

    def caption(self, base: Sequence[Image.Image], personalized: Sequence[Image.Image]) -> tuple[str, ...]:
        """A sentence for each pair, whatever else is asked at the same time."""
        said: list[str] = []
        for start in range(0, len(base), _AT_ONCE):
            block = slice(start, start + _AT_ONCE)
            with torch.inference_mode():
                pixels = [
                    self.preprocessing(images[block]).to(self.device) for images in (base, personalized)
                ]
                said += self.network.caption(*pixels)
        return tuple(said)
