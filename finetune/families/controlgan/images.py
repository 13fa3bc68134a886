"""Images from a ControlGAN: one per prompt and seed, whatever else is asked for with it (Eq. 1)."""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import UInt8

from finetune.families.controlgan.architecture import Architecture
from finetune.families.controlgan.generator import Captions, Chance, ControlGenerator
from finetune.families.controlgan.reading import CaptionReader
from finetune.families.full_batches import as_bytes, in_full_batches


class ControlImages:
    """Images of the last stage. Noise, and the draw around the sentence, come from a CPU generator per seed.

    Batch normalisation uses its running statistics, so an image does not depend on its neighbours.
    """

    def __init__(
        self,
        generator: ControlGenerator,
        *,
        architecture: Architecture,
        reader: CaptionReader,
        batch_size: int,
        precision: str,
    ) -> None:
        self._generator = generator.eval()
        self._architecture = architecture
        self._reader = reader
        self._batch_size = batch_size
        self._precision = precision

    @torch.no_grad()
    def sample(self, prompts: Sequence[str], seeds: Sequence[int]) -> UInt8[np.ndarray, "n h w 3"]:
        """One image per prompt."""
        return np.concatenate(in_full_batches(prompts, seeds, self._painted, size=self._batch_size))

    def _painted(self, prompts: list[str], seeds: list[int]) -> UInt8[np.ndarray, "b h w 3"]:
        device = next(self._generator.parameters()).device
        captions = Captions(*(part.to(device) for part in self._reader.read(prompts)))
        chance = Chance(*(part.to(device) for part in drawn(self._architecture, seeds)))
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=self._precision == "bf16"):
            return as_bytes(self._generator(captions, chance).images[-1])


def drawn(architecture: Architecture, seeds: Sequence[int]) -> Chance:
    """All chance of some images, each a function of its seed: first the noise, then the condition's."""
    sources = [torch.Generator().manual_seed(seed) for seed in seeds]
    noise = torch.stack([torch.randn(architecture.noise_width, generator=source) for source in sources])
    around = torch.stack([torch.randn(architecture.condition_width, generator=source) for source in sources])
    return Chance(noise, around)
