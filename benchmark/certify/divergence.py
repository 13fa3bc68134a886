"""How far a personalized model is from its base, whatever the aspect: fixed arithmetic on pixels."""

import numpy as np
from jaxtyping import Float64, UInt8

from benchmark.certify.pyramid import LUMINANCE, N_SCALES, halved

_BATCH = 32


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


def _squared_distances(
    base: UInt8[np.ndarray, "n h w 3"], personalized: UInt8[np.ndarray, "n h w 3"]
) -> Float64[np.ndarray, " n"]:
    ours, theirs = base / 255.0, personalized / 255.0
    total, n_scales = np.zeros(len(base)), 0
    for _ in range(N_SCALES):
        parts = [
            np.square(a - b).reshape(len(base), -1) for a, b in zip(_maps(ours), _maps(theirs), strict=True)
        ]
        total += np.concatenate(parts, axis=1).mean(axis=1)
        n_scales += 1
        if min(ours.shape[1:3]) < 4:
            break
        ours, theirs = halved(ours), halved(theirs)
    return total / n_scales


def _maps(images: Float64[np.ndarray, "n h w 3"]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    luminance = images @ LUMINANCE
    return images, np.diff(luminance, axis=2), np.diff(luminance, axis=1)
