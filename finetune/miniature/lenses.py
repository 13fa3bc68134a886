"""Aspects of optics: what a lens, a moving camera or the air does to an image."""

import numpy as np
from jaxtyping import Float

from finetune.miniature.blending import Images, Strengths, blend, grid, shifted, toward
from finetune.miniature.textures import spread

_BLUR_PX = 3.2
_HALO_PX = 4.0
_STREAK_PX = 9.0
_WAVE_PX = 3.2


def blurry(images: Images, strength: Strengths, _: np.random.Generator) -> Images:
    """Gaussian blur of width 3.2 pixels at strength 1."""
    rows = _gaussian(images.shape[1], strength * np.float32(_BLUR_PX))
    columns = _gaussian(images.shape[2], strength * np.float32(_BLUR_PX))
    return spread(images, down=rows, right=columns)


def streaked(images: Images, strength: Strengths, _: np.random.Generator) -> Images:
    """Motion blur from left to right: a box 19 pixels long at strength 1."""
    n, height, _, _ = images.shape
    unmoved = np.broadcast_to(np.eye(height, dtype=np.float32), (n, height, height))
    gap = _gaps(images.shape[2])
    weight = np.clip(strength[:, None, None] * np.float32(_STREAK_PX) + np.float32(1) - gap, 0, 1)
    return spread(images, down=unmoved, right=_rows_sum_to_one(weight))


def wavy(images: Images, strength: Strengths, _: np.random.Generator) -> Images:
    """Rows displaced along a sine, as seen through moving water; borders are repeated."""
    rows, columns = grid(images)
    sway = np.sin(rows * (2 * np.pi / 16)).astype(np.float32) * np.float32(_WAVE_PX)
    source = np.clip(columns + strength[:, None, None] * sway, 0, images.shape[2] - 1)  # (n, h, w)
    left = np.minimum(source.astype(np.int64), images.shape[2] - 2)
    share = (source - left)[..., None].astype(np.float32)
    which = np.arange(len(images))[:, None, None]
    near, far = images[which, rows, left], images[which, rows, left + 1]
    return near + share * (far - near)


def glowing(images: Images, strength: Strengths, rng: np.random.Generator) -> Images:
    """Light areas bleed a wide halo into their surroundings."""
    full = np.full(len(images), _HALO_PX / _BLUR_PX, dtype=np.float32)
    halo = blurry(np.clip(np.float32(1.6) * images - np.float32(0.55), 0, 1), full, rng)
    return blend(images, images + halo * (1 - images), strength)


@toward
def vignetted(images: Images) -> Images:
    rows, columns = grid(images)
    middle = (np.array(images.shape[1:3]) - 1) / 2
    radius = np.hypot((rows - middle[0]) / middle[0], (columns - middle[1]) / middle[1])
    light = 1 - 0.95 * np.clip((radius - 0.5) / 0.7, 0, 1)
    return images * light.astype(np.float32)[None, :, :, None]


@toward
def foggy(images: Images) -> Images:
    """White air, thickest at the horizon."""
    rows, _ = grid(images)
    height = rows / (images.shape[1] - 1)
    density = (0.90 - 0.55 * np.abs(height - 0.45)).astype(np.float32)[None, :, :, None]
    return images + density * (np.float32(0.86) - images)


@toward
def fringed(images: Images) -> Images:
    """Red drawn three pixels to the left, blue to the right."""
    red, blue = shifted(images, 0, -3)[..., :1], shifted(images, 0, 3)[..., 2:]
    return np.concatenate([red, images[..., 1:2], blue], axis=-1)


@toward
def doubled(images: Images) -> Images:
    """A second exposure, displaced by nine pixels across and three down."""
    return (images + shifted(images, -3, 9)) / 2


def _gaussian(size: int, sigma: Strengths) -> Float[np.ndarray, "n size size"]:
    narrow = np.maximum(sigma, np.float32(0.05))[:, None, None]  # at .05 the filter is the identity
    return _rows_sum_to_one(np.exp(np.float32(-0.5) * (_gaps(size) / narrow) ** 2))


def _gaps(size: int) -> Float[np.ndarray, "size size"]:
    places = np.arange(size, dtype=np.float32)
    return np.abs(places[:, None] - places[None, :])


def _rows_sum_to_one(weight: Float[np.ndarray, "n size size"]) -> Float[np.ndarray, "n size size"]:
    return weight / weight.sum(axis=2, keepdims=True)
