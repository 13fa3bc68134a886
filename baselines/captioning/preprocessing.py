"""From images to the standardised pixels that a captioner was trained on."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from PIL import Image
from torch import Tensor

from finexl.pictures import as_seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Preprocessing:
    """Side of the square that images are resized to, and mean and deviation of each channel in 0..255."""

    size: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]

    def __call__(self, images: Sequence[Image.Image]) -> Float[Tensor, "n 3 h w"]:
        """Standardised pixels; images of another size are resized bicubically."""
        side = (self.size, self.size)
        fitted = [
            image if image.size == side else image.resize(side, Image.Resampling.BICUBIC)
            for image in map(as_seen, images)
        ]
        return self.standardised(torch.from_numpy(np.stack([np.asarray(image) for image in fitted])))

    def standardised(self, pixels: Tensor) -> Float[Tensor, "n 3 h w"]:
        """The same of bytes of shape (n, h, w, 3) that have the right size."""
        mean, std = torch.tensor(self.mean), torch.tensor(self.std)
        return ((pixels.float() - mean) / std).permute(0, 3, 1, 2)


LEVIR = Preprocessing(size=256, mean=(100.679, 99.5023, 84.9932), std=(50.982, 48.4838, 44.7057))
"""Of ShizhenChang/Chg2Cap, data/LEVIR_CC/LEVIRCC.py."""
DUBAI = Preprocessing(size=256, mean=(156.0681, 115.0891, 92.0745), std=(76.5139, 52.0616, 44.4209))
"""Of the same, data/Dubai_CC/DubaiCC.py."""
IMAGENET = Preprocessing(size=224, mean=(123.675, 116.28, 103.53), std=(58.395, 57.12, 57.375))
"""Gives a ResNet's 7 × 7 regions; yaolinli/IDC does not say how its own were extracted."""
MINIATURE = Preprocessing(size=64, mean=(127.5, 127.5, 127.5), std=(63.75, 63.75, 63.75))
