"""Signed distances to elementary figures, negative inside, vectorised over a batch of planes.

Coordinates are local: the figure's frame is [-1, 1]² with y pointing down. `x` keeps a singleton row axis
and `y` a singleton column axis until a formula needs both. Distances need to be exact only near the edge,
where antialiasing reads them.
"""

from functools import reduce
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

Distance = Float[np.ndarray, "n #h #w"]
Point = tuple[float, float]


class Plane(NamedTuple):
    """Local coordinates of every pixel of `n` images."""

    x: Float[np.ndarray, "n 1 w"]
    y: Float[np.ndarray, "n h 1"]

    def about(self, center: Point) -> "Plane":
        """The same plane with its origin moved to `center`."""
        return Plane(self.x - np.float32(center[0]), self.y - np.float32(center[1]))


def circle(plane: Plane, center: Point, radius: float) -> Distance:
    """Distance to a disc."""
    x, y = plane.about(center)
    return np.sqrt(x * x + y * y) - np.float32(radius)


def ring(plane: Plane, center: Point, radius: float, thickness: float) -> Distance:
    """Distance to a circular band of half-width `thickness`."""
    return np.abs(circle(plane, center, radius)) - np.float32(thickness)


def ellipse(plane: Plane, center: Point, radii: Point) -> Distance:
    """First-order distance to an ellipse: the implicit value over the length of its gradient."""
    x, y = plane.about(center)
    u, v = x / np.float32(radii[0]), y / np.float32(radii[1])
    level = np.sqrt(u * u + v * v)
    slope = np.sqrt((u / np.float32(radii[0])) ** 2 + (v / np.float32(radii[1])) ** 2)
    return level * (level - 1) / (slope + np.float32(1e-6))


def box(plane: Plane, center: Point, half: Point) -> Distance:
    """Distance to an axis-aligned rectangle with half sides `half`."""
    x, y = plane.about(center)
    return np.maximum(np.abs(x) - np.float32(half[0]), np.abs(y) - np.float32(half[1]))


def rounded_box(plane: Plane, center: Point, half: Point, *, radius: float) -> Distance:
    """Distance to a rectangle whose corners are rounded by `radius`."""
    x, y = plane.about(center)
    across = np.abs(x) - np.float32(half[0] - radius)
    along = np.abs(y) - np.float32(half[1] - radius)
    outside = np.sqrt(np.maximum(across, 0) ** 2 + np.maximum(along, 0) ** 2)
    return outside + np.minimum(np.maximum(across, along), 0) - np.float32(radius)


def convex(plane: Plane, *corners: Point) -> Distance:
    """Distance to a convex polygon, corners clockwise on screen: the farthest of its half-planes."""
    edges = zip(corners, (*corners[1:], corners[0]), strict=True)
    return reduce(np.maximum, (_half_plane(plane, start, end) for start, end in edges))


def _half_plane(plane: Plane, start: Point, end: Point) -> Distance:
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = float(np.hypot(dx, dy))
    x, y = plane.about(start)
    return x * np.float32(dy / length) + y * np.float32(-dx / length)


def segment(plane: Plane, start: Point, end: Point, *, thickness: float) -> Distance:
    """Distance to a straight stroke with round ends and half-width `thickness`."""
    dx, dy = np.float32(end[0] - start[0]), np.float32(end[1] - start[1])
    x, y = plane.about(start)
    along = np.clip((x * dx + y * dy) / (dx * dx + dy * dy), 0, 1)
    return np.sqrt((x - along * dx) ** 2 + (y - along * dy) ** 2) - np.float32(thickness)


def five_pointed_star(plane: Plane, center: Point, *, radius: float, inner: float) -> Distance:
    """Distance to a star; `inner` in 0..1 is how far its notches lie from the centre.

    Folds the plane onto one arm (I. Quilez, 2D distance functions).
    """
    cos, sin = np.float32(0.809016994), np.float32(0.587785252)
    x, y = plane.about(center)
    x, y = np.abs(x), -y
    fold = 2 * np.maximum(cos * x - sin * y, 0)
    x, y = x - fold * cos, y + fold * sin
    fold = 2 * np.maximum(-cos * x - sin * y, 0)
    x, y = np.abs(x + fold * cos), y + fold * sin - np.float32(radius)
    arm_x, arm_y = np.float32(inner) * sin, np.float32(inner) * cos - np.float32(1)
    along = np.clip((x * arm_x + y * arm_y) / (arm_x**2 + arm_y**2), 0, np.float32(radius))
    gap = np.sqrt((x - arm_x * along) ** 2 + (y - arm_y * along) ** 2)
    return gap * np.sign(y * arm_x - x * arm_y)


def union(*distances: Distance) -> Distance:
    """Distance to whichever figure is nearest."""
    return reduce(np.minimum, distances)


def intersection(*distances: Distance) -> Distance:
    """Distance to what all figures share."""
    return reduce(np.maximum, distances)
