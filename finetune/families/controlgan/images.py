"""Images from a ControlGAN: one per prompt and seed, whatever else is asked for with it (Eq. 1)."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import UInt8

from finetune.families.controlgan.architecture import Architecture
from finetune.families.controlgan.generator import Captions, Chance, ControlGenerator
from finetune.families.controlgan.reading import CaptionReader
from finetune.generator import GeneratorError
from finexl.errors import InvalidInputError


class Sampling(NamedTuple):
    """How images are drawn."""

    batch_size: int = 16
    """The last batch is filled up, so that no kernel is chosen by how many images were asked for."""
    precision: str = "fp32"
    """fp32, or bf16."""


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
        sampling: Sampling,
    ) -> None:
        self._generator = generator
        self._architecture = architecture
        self._reader = reader
        self._sampling = sampling

    @torch.no_grad()
    def sample(self, prompts: Sequence[str], seeds: Sequence[int]) -> UInt8[np.ndarray, "n h w 3"]:
        """One image per prompt."""
        if len(prompts) != len(seeds) or not prompts:
            raise InvalidInputError(
                "Sampling needs at least one prompt and one seed for each. "
                f"Got {len(prompts)} prompts and {len(seeds)} seeds."
            )
        self._generator.eval()
        size = self._sampling.batch_size
        images = []
        for start in range(0, len(prompts), size):
            asked = list(zip(prompts, seeds, strict=True))[start : start + size]
            filled = asked + [asked[-1]] * (size - len(asked))
            captions = self._reader.read([prompt for prompt, _ in filled])
            chance = drawn(self._architecture, [seed for _, seed in filled])
            images.append(self._painted(captions, chance)[: len(asked)])
        return np.concatenate(images)

    def _painted(self, captions: Captions, chance: Chance) -> UInt8[np.ndarray, "b h w 3"]:
        device = next(self._generator.parameters()).device
        captions = Captions(*(part.to(device) for part in captions))
        chance = Chance(*(part.to(device) for part in chance))
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=self._sampling.precision == "bf16"):
            images = self._generator(captions, chance).images[-1].float()
        if not torch.isfinite(images).all():
            raise GeneratorError(
                "The images of a generator must be finite. Got NaN or infinity. Its weights have diverged: "
                "lower the learning rate."
            )
        return ((images + 1) * 127.5).round().to(torch.uint8).permute(0, 2, 3, 1).cpu().numpy()


def drawn(architecture: Architecture, seeds: Sequence[int]) -> Chance:
    """All chance of some images, each a function of its seed: first the noise, then the condition's."""
    sources = [torch.Generator().manual_seed(seed) for seed in seeds]
    noise = torch.stack([torch.randn(architecture.noise_width, generator=source) for source in sources])
    around = torch.stack([torch.randn(architecture.condition_width, generator=source) for source in sources])
    return Chance(noise, around)
