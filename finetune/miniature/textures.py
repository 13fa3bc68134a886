"""Aspects of texture: patterns laid over the image, and images rebuilt from coarser pieces."""

import numpy as np
from jaxtyping import Float

from finetune.miniature.blending import Gray, Images, Strengths, blend, grid, luma, toward

_INK = np.float32(0.12)
_BLOCKS_PX = (1, 2, 4, 6)


def grainy(images: Images, strength: Strengths, rng: np.random.Generator) -> Images:
    """Gaussian film grain, the same in all channels."""
    noise = rng.standard_normal((*images.shape[:3], 1), dtype=np.float32)
    return blend(images, images + np.float32(0.22) * noise, strength)


def scratched(images: Images, strength: Strengths, rng: np.random.Generator) -> Images:
    """Six pale upright scratches of random place and length on every image."""
    n, height, width, _ = images.shape
    rows, columns = grid(images)
    target = images.copy()
    for _ in range(6):
        column, top = rng.integers(width, size=(n, 1, 1)), rng.integers(height // 2, size=(n, 1, 1))
        length = rng.integers(height // 4, height, size=(n, 1, 1))
        drift = (rows - top) // 14
        hit = (columns == column + drift) & (rows >= top) & (rows < top + length)
        target[hit] = 0.93
    return blend(images, target, strength)


def snowy(images: Images, strength: Strengths, rng: np.random.Generator) -> Images:
    """Soft white flakes two pixels wide, scattered at random."""
    n, height, width, _ = images.shape
    seeds = (rng.random((n, height + 1, width + 1, 1), dtype=np.float32) < 0.045).astype(np.float32)
    flakes = np.maximum(
        np.maximum(seeds[:, 1:, 1:], seeds[:, :-1, 1:]), np.maximum(seeds[:, 1:, :-1], seeds[:, :-1, :-1])
    )
    return blend(images, images + flakes * (np.float32(0.98) - images), strength)


@toward
def striped(images: Images) -> Images:
    rows, _ = grid(images)
    stripes = (rows % 8 < 4).astype(np.float32)[None, :, :, None]
    return images * (1 - np.float32(0.62) * stripes)


@toward
def hatched(images: Images) -> Images:
    """Dark diagonal strokes both ways, the second only where the image is not light."""
    rows, columns = grid(images)
    falling = ((rows + columns) % 6 < 2).astype(np.float32)[None, :, :, None]
    rising = ((rows - columns) % 6 < 2).astype(np.float32)[None, :, :, None]
    ink = np.maximum(falling, rising * (luma(images) < 0.62))
    return images + np.float32(0.78) * ink * (_INK - images)


@toward
def posterised(images: Images) -> Images:
    levels = np.float32(3)
    return np.rint(images * levels) / levels


@toward
def dotted(images: Images) -> Images:
    """A halftone: round dots of the image's own deep colour on paper, larger where it is darker."""
    rows, columns = grid(images)
    to_center = np.hypot(rows % 5 - 2, columns % 5 - 2).astype(np.float32)[None, :, :, None]
    radius = np.float32(0.9) + np.float32(2.3) * (1 - luma(images))
    dots: Gray = np.clip(radius - to_center + np.float32(0.5), 0, 1)
    paper = np.float32(0.97)
    return paper + dots * (images * np.float32(0.75) - paper)


@toward
def woven(images: Images) -> Images:
    """Threads three pixels wide passing over and under each other."""
    rows, columns = grid(images)
    over = (rows // 4 + columns // 4) % 2 == 0
    bulge = np.where(over, np.sin((rows % 4 + 0.5) * np.pi / 4), np.sin((columns % 4 + 0.5) * np.pi / 4))
    light = (0.35 + 0.85 * bulge).astype(np.float32)[None, :, :, None]
    return images * light


def pixelated(images: Images, strength: Strengths, _: np.random.Generator) -> Images:
    """Square blocks that grow from 1 to 6 pixels, blended between the sizes of the ladder."""
    ladder = np.stack([_block_mean(images.shape[1], block) for block in _BLOCKS_PX])
    step = strength * np.float32(len(_BLOCKS_PX) - 1)
    coarse = np.minimum(step.astype(np.int64), len(_BLOCKS_PX) - 2)
    share = (step - coarse)[:, None, None]
    mean = ladder[coarse] + share * (ladder[coarse + 1] - ladder[coarse])  # (n, h, h)
    return spread(images, down=mean, right=mean)


def spread(images: Images, *, down: Float[np.ndarray, "n h h"], right: Float[np.ndarray, "n w w"]) -> Images:
    """Separable linear filter: output rows mix rows by `down`, output columns mix columns by `right`."""
    n, height, width, channels = images.shape
    rows_mixed = (down @ images.reshape(n, height, -1)).reshape(images.shape)
    columns_first = rows_mixed.transpose(0, 2, 1, 3).reshape(n, width, -1)
    return (right @ columns_first).reshape(n, width, height, channels).transpose(0, 2, 1, 3)


def _block_mean(size: int, block: int) -> Float[np.ndarray, "size size"]:
    owner = np.arange(size) // block
    same = (owner[:, None] == owner[None, :]).astype(np.float32)
    return same / same.sum(axis=1, keepdims=True)
