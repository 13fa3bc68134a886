"""The ten colours of the miniature world and the paints that a shape derives from its own colour.

Colours are kept off the corners of the RGB cube on purpose: `vivid` needs room to raise them.
"""

from enum import Enum

import numpy as np
from jaxtyping import Float

RGB = tuple[float, float, float]

PALETTE: dict[str, RGB] = {
    "red": (0.80, 0.22, 0.20),
    "orange": (0.91, 0.52, 0.18),
    "yellow": (0.94, 0.83, 0.28),
    "green": (0.25, 0.60, 0.30),
    "blue": (0.22, 0.40, 0.80),
    "purple": (0.54, 0.30, 0.68),
    "pink": (0.94, 0.56, 0.71),
    "brown": (0.49, 0.31, 0.18),
    "white": (0.95, 0.95, 0.94),
    "black": (0.12, 0.12, 0.13),
}


class Tone(Enum):
    """A paint that depends on the subject's own colour."""

    BODY = "body"
    SHADE = "shade"
    LIGHT = "light"
    SPOT = "spot"


Paint = Tone | RGB

DARK: RGB = (0.16, 0.15, 0.17)
PAPER: RGB = (0.97, 0.97, 0.95)


_SHADOW = np.array([0.80, 0.70, 0.66], dtype=np.float32)
"""What a shadow leaves of red, green and blue: warmer than grey, so that shaded yellow is not olive."""


def mix(paint: Paint, body: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "n 3"]:
    """The colour of `paint` on subjects whose body colours are `body`, in 0..1."""
    match paint:
        case Tone.BODY:
            return body
        case Tone.SHADE:  # black has no shade, so it lightens
            black = body.max(axis=1, keepdims=True) < 0.25
            return np.where(black, body + np.float32(0.20), body * _SHADOW)
        case Tone.LIGHT:
            return body + 0.42 * (1.0 - body)
        case Tone.SPOT:  # white spots on everything but white
            white = body.min(axis=1, keepdims=True) > 0.85
            return np.where(white, np.float32(0.45), np.float32(0.96)) * np.ones_like(body)
        case rgb:
            return np.broadcast_to(np.asarray(rgb, dtype=np.float32), body.shape)
