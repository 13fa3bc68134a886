"""Truth certification: how far a personalized model really is from its base, by a measure no explainer uses.

Training steps stand in for the level of an aspect (§6.1). That is only true if the images move with the
steps, so each series is measured. The measure is fixed arithmetic on pixels, not a learned encoder: an
encoder that is being judged, or one related to it, could agree with a wrong ladder.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float64, UInt8

from benchmark.score.kendall_tau import kendall_tau_b

CERTIFIED_TAU = 0.8
"""Kendall's τ between level and measured divergence from which a ladder counts as certified."""

_N_SCALES = 4
_BATCH = 32
_LUMINANCE = np.array([0.299, 0.587, 0.114])


def measured_divergence(
    base: UInt8[np.ndarray, "n h w 3"], personalized: UInt8[np.ndarray, "n h w 3"]
) -> float:
    """Mean over pairs of the root-mean-square distance of colours and edges at four scales, at least 0.

    Per scale (full size, then halved by averaging 2 × 2 blocks) an image has five maps: red, green and blue
    in [0, 1] and the horizontal and vertical steps of its luminance. The squared distance of a pair is the
    mean over maps and places, averaged over scales. Colour shifts show at all scales, texture and blur at
    the fine ones.
    """
    squared = [
        _squared_distances(base[start : start + _BATCH], personalized[start : start + _BATCH])
        for start in range(0, len(base), _BATCH)
    ]
    return round(float(np.sqrt(np.concatenate(squared)).mean()), 9)


def is_certified(truth: Sequence[int], divergences: Sequence[float]) -> bool:
    """Whether a series' measured divergence grows with its level: Kendall's τ-b ≥ 0.8."""
    tau = kendall_tau_b(divergences, truth)
    return tau is not None and tau >= CERTIFIED_TAU


def _squared_distances(
    base: UInt8[np.ndarray, "n h w 3"], personalized: UInt8[np.ndarray, "n h w 3"]
) -> Float64[np.ndarray, " n"]:
    ours, theirs = base / 255.0, personalized / 255.0
    total, n_scales = np.zeros(len(base)), 0
    for _ in range(_N_SCALES):
        parts = [
            np.square(a - b).reshape(len(base), -1) for a, b in zip(_maps(ours), _maps(theirs), strict=True)
        ]
        total += np.concatenate(parts, axis=1).mean(axis=1)
        n_scales += 1
        if min(ours.shape[1:3]) < 4:
            break
        ours, theirs = _halved(ours), _halved(theirs)
    return total / n_scales


def _maps(images: Float64[np.ndarray, "n h w 3"]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    luminance = images @ _LUMINANCE
    return images, np.diff(luminance, axis=2), np.diff(luminance, axis=1)


def _halved(images: Float64[np.ndarray, "n h w 3"]) -> Float64[np.ndarray, "n h2 w2 3"]:
    height, width = images.shape[1] // 2 * 2, images.shape[2] // 2 * 2
    even = images[:, :height, :width]
    return (even[:, ::2, ::2] + even[:, 1::2, ::2] + even[:, ::2, 1::2] + even[:, 1::2, 1::2]) / 4
