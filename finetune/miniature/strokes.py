"""Aspects of line: images redrawn from their edges."""

import numpy as np

from finetune.miniature.blending import Gray, Images, grid, luma, saturated, shifted, toward

_INK = np.float32(0.05)
_PAPER = np.float32(0.96)


def _edges(images: Images, threshold: float) -> Gray:
    """How much of an edge passes through each pixel, 0..1: central differences in the boldest channel."""
    across = shifted(images, 0, 1) - shifted(images, 0, -1)
    along = shifted(images, 1, 0) - shifted(images, -1, 0)
    steepness = np.sqrt(across * across + along * along).max(axis=3, keepdims=True)
    return np.clip((steepness - np.float32(threshold)) * np.float32(6), 0, 1)


@toward
def outlined(images: Images) -> Images:
    return images + _edges(images, 0.10) * (_INK - images)


@toward
def sketched(images: Images) -> Images:
    """Pencil on paper: edges, and diagonal shading where the image is dark."""
    rows, columns = grid(images)
    strokes = ((rows + 2 * columns) % 5 < 2).astype(np.float32)[None, :, :, None]
    shade = strokes * np.clip(np.float32(0.75) - luma(images), 0, 1)
    pencil = np.maximum(np.float32(0.85) * _edges(images, 0.06), shade)
    return np.broadcast_to(_PAPER - np.float32(0.85) * pencil, images.shape)


@toward
def embossed(images: Images) -> Images:
    """Grey relief lit from the upper left."""
    relief = luma(shifted(images, -1, -1)) - luma(shifted(images, 1, 1))
    return np.broadcast_to(np.clip(np.float32(0.55) + np.float32(1.1) * relief, 0, 1), images.shape)


@toward
def neon(images: Images) -> Images:
    """Edges alight in strong colour on a nearly black ground."""
    light = np.clip(saturated(images, 2.5) + np.float32(0.35), 0, 1)
    return images * np.float32(0.10) + _edges(images, 0.10) * light
