"""Images as floats, and the blend that makes an aspect's effect grow with its strength by construction."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float, Int

Images = Float[np.ndarray, "n h w 3"]
Gray = Float[np.ndarray, "n h w 1"]
Strengths = Float[np.ndarray, " n"]
Operator = Callable[[Images, Strengths, np.random.Generator], Images]
"""Images in 0..1 at strengths in 0..1, one per image; strength 0 returns the images themselves."""

_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)


def toward(target: Callable[[Images], Images]) -> Operator:
    """The operator that moves images in a straight line to their `target`, then clips.

    Every pixel moves away from where it was, so the distance can only grow with strength.
    """

    def apply(images: Images, strength: Strengths, _: np.random.Generator) -> Images:
        return blend(images, target(images), strength)

    return apply


def blend(images: Images, target: Images, strength: Strengths) -> Images:
    """`images` moved to `target` by `strength`, clipped to 0..1."""
    moved = images + strength[:, None, None, None] * (target - images)
    return np.clip(moved, 0, 1, out=moved)


def luma(images: Images) -> Gray:
    """Perceived lightness in 0..1."""
    return (images @ _LUMA)[..., None]


def saturated(images: Images, gain: float) -> Images:
    """Chroma multiplied by `gain` about each pixel's lightness, unclipped."""
    gray = luma(images)
    return gray + np.float32(gain) * (images - gray)


def shifted(images: Images, down: int, right: int) -> Images:
    """Images moved by whole pixels, their border repeated."""
    rows, columns = grid(images)
    return images[:, (rows - down).clip(0, len(rows) - 1), (columns - right).clip(0, columns.size - 1)]


def grid(images: Images) -> tuple[Int[np.ndarray, "h 1"], Int[np.ndarray, "1 w"]]:
    """Row and column numbers of the pixels."""
    _, height, width, _ = images.shape
    return np.arange(height, dtype=np.intp)[:, None], np.arange(width, dtype=np.intp)[None, :]
