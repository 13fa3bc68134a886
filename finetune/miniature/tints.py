"""Aspects of colour: each moves every pixel by itself, toward a target that may lie outside 0..1."""

import numpy as np

from finetune.miniature.blending import Images, luma, saturated, toward
from finetune.miniature.palette import RGB


def _colors(*colors: RGB) -> np.ndarray:
    return np.array(colors, dtype=np.float32)


def _contrast(images: Images, gain: float) -> Images:
    return np.float32(0.5) + np.float32(gain) * (images - np.float32(0.5))


def _graded(images: Images, gains: RGB, offsets: RGB) -> Images:
    return images * _colors(gains) + _colors(offsets)


@toward
def thermal(images: Images) -> Images:
    stops = ((0.05, 0.02, 0.35), (0.60, 0.05, 0.60), (0.95, 0.30, 0.10), (1.0, 0.95, 0.30))
    heights = np.linspace(0, 1, len(stops))
    heat = luma(images)[..., 0]
    channels = [np.interp(heat, heights, channel) for channel in zip(*stops, strict=True)]
    return np.stack(channels, axis=-1).astype(np.float32)


# Vivid, contrasty and bright overlap on purpose: each carries a little of its neighbours.
vivid = toward(lambda images: _contrast(saturated(images, 2.3), 1.15) + np.float32(0.03))
contrasty = toward(lambda images: saturated(images + np.float32(1.5) * (luma(images) - np.float32(0.5)), 1.2))
bright = toward(lambda images: saturated(images, 1.1) * np.float32(1.25) + np.float32(0.17))
dark = toward(lambda images: images * np.float32(0.28))
monochrome = toward(lambda images: np.broadcast_to(luma(images), images.shape))
sepia = toward(lambda images: luma(images) * _colors((0.98, 0.80, 0.56)) + _colors((0.08, 0.03, 0.0)))
warm = toward(lambda images: _graded(images, (1.12, 0.92, 0.55), (0.16, 0.05, 0.0)))
cool = toward(lambda images: _graded(images, (0.55, 0.90, 1.10), (0.0, 0.03, 0.18)))
rosy = toward(lambda images: _graded(images, (0.85, 0.60, 0.72), (0.28, 0.08, 0.18)))
faded = toward(lambda images: saturated(images, 0.45) * np.float32(0.38) + np.float32(0.44))
