"""The miniature's other checkpoints (§6.4): the base generator trained further on data with a known tilt.

The paper compares Stable Diffusion 1.4 and 2.1 with 1.1 and finds 2.1 the more vibrant and contrasting. Here the
shipped checkpoint stands for 1.1. The others saw as many further renderings each, part of them or all made more
vivid and more contrasty; so the truth is known: on both aspects, v21 is above v14 and v14 above the base.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt8

from finetune.miniature.aspects import apply_aspect


@dataclass(frozen=True, slots=True, kw_only=True)
class Tilt:
    """What the data of a version is like."""

    share: float
    """Share of the images that are restyled."""
    strengths: dict[str, tuple[float, float]]
    """Aspects, in order of application, and the range in which an image's strength is drawn."""

    def mean_strength(self, aspect: str) -> float:
        """Mean strength of an aspect over all images; the truth that orders versions."""
        low, high = self.strengths.get(aspect, (0.0, 0.0))
        return self.share * (low + high) / 2

    def applied(self, images: UInt8[np.ndarray, "n h w 3"], seed: int) -> UInt8[np.ndarray, "n h w 3"]:
        """`images` with the tilt."""
        rng = np.random.default_rng(seed)
        tilted = rng.random(len(images)) < self.share
        for aspect, (low, high) in self.strengths.items():
            strengths = np.where(tilted, rng.uniform(low, high, len(images)), 0.0)
            images = apply_aspect(images, aspect, strengths, seed=seed)
        return images


VERSIONS: dict[str, Tilt] = {
    "v14": Tilt(share=0.5, strengths={"vivid": (0.2, 0.5), "contrasty": (0.1, 0.4)}),
    "v21": Tilt(share=1.0, strengths={"vivid": (0.4, 0.8), "contrasty": (0.3, 0.6)}),
}
"""The versions that ship as adapters of the base generator."""
