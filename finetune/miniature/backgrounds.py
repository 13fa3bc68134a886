"""The seven settings: a vertical gradient and one or two cues, in the frame [-1, 1]² of the whole image."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from finetune.miniature.distances import Plane, box, circle, ellipse, intersection, segment, union
from finetune.miniature.palette import RGB
from finetune.miniature.shapes import Layer

Cues = Callable[[Plane], tuple[Layer, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """Colour stops from top to bottom and the cues drawn over them."""

    stops: tuple[tuple[float, RGB], ...]
    """(height from 0 at the top to 1 at the bottom, colour); equal neighbouring heights make a horizon."""
    cues: Cues


def _tufts(plane: Plane) -> tuple[Layer, ...]:
    places = ((-0.75, 0.50), (-0.42, 0.86), (0.30, 0.90), (0.78, 0.62), (-0.86, 0.90), (0.84, 0.92))
    blades = [segment(plane, (x, y), (x + 0.03, y - 0.09), thickness=0.022) for x, y in places]
    return (
        Layer(circle(plane, (0.74, -0.76), 0.16), (0.97, 0.90, 0.55)),
        Layer(union(*blades), (0.25, 0.46, 0.20)),
    )


def _clouds(plane: Plane) -> tuple[Layer, ...]:
    clouds = [
        ellipse(plane, (-0.66, -0.62), (0.26, 0.11)),
        circle(plane, (-0.64, -0.70), 0.13),
        ellipse(plane, (0.66, -0.72), (0.28, 0.11)),
        circle(plane, (0.60, -0.80), 0.13),
        ellipse(plane, (0.70, 0.74), (0.26, 0.10)),
        circle(plane, (0.68, 0.66), 0.12),
    ]
    return (Layer(union(*clouds), (0.95, 0.97, 0.98)),)


def _moon_and_stars(plane: Plane) -> tuple[Layer, ...]:
    sparks = ((-0.80, -0.80), (-0.36, -0.88), (0.16, -0.78), (-0.86, -0.26), (0.86, -0.14), (-0.84, 0.34))
    crescent = intersection(circle(plane, (0.68, -0.66), 0.22), -circle(plane, (0.58, -0.72), 0.19))
    return (
        Layer(union(*[circle(plane, spark, 0.03) for spark in sparks]), (0.92, 0.92, 0.86)),
        Layer(crescent, (0.97, 0.93, 0.70)),
    )


def _waves(plane: Plane) -> tuple[Layer, ...]:
    rows = ((-0.66, 0.10), (0.62, 0.16), (-0.30, 0.92), (0.70, 0.56), (-0.80, 0.60), (0.42, 0.88))
    crests = [segment(plane, (x - 0.13, y), (x + 0.13, y), thickness=0.024) for x, y in rows]
    return (Layer(union(*crests), (0.72, 0.86, 0.92)),)


def _low_sun(plane: Plane) -> tuple[Layer, ...]:
    sun = circle(plane, (0.50, 0.44), 0.36)
    above = plane.y - np.float32(0.46)
    return (Layer(intersection(sun, above), (0.99, 0.88, 0.50)),)


def _dunes(plane: Plane) -> tuple[Layer, ...]:
    cactus = union(
        box(plane, (-0.80, 0.10), (0.05, 0.32)),
        box(plane, (-0.90, 0.02), (0.035, 0.13)),
        box(plane, (-0.70, 0.08), (0.035, 0.13)),
        box(plane, (-0.80, 0.14), (0.12, 0.035)),
    )
    return (
        Layer(ellipse(plane, (0.55, 0.62), (0.95, 0.44)), (0.92, 0.82, 0.58)),
        Layer(ellipse(plane, (-0.40, 1.00), (1.00, 0.56)), (0.85, 0.72, 0.46)),
        Layer(cactus, (0.28, 0.52, 0.30)),
    )


BACKGROUNDS: dict[str, Background] = {
    "field": Background(
        stops=(
            (0.0, (0.50, 0.73, 0.90)),
            (0.60, (0.74, 0.87, 0.93)),
            (0.60, (0.50, 0.70, 0.37)),
            (1.0, (0.37, 0.58, 0.28)),
        ),
        cues=_tufts,
    ),
    "sky": Background(stops=((0.0, (0.38, 0.63, 0.89)), (1.0, (0.66, 0.84, 0.95))), cues=_clouds),
    "night": Background(stops=((0.0, (0.06, 0.08, 0.22)), (1.0, (0.17, 0.19, 0.40))), cues=_moon_and_stars),
    "sea": Background(
        stops=(
            (0.0, (0.66, 0.82, 0.92)),
            (0.44, (0.82, 0.90, 0.93)),
            (0.44, (0.28, 0.56, 0.76)),
            (1.0, (0.13, 0.37, 0.62)),
        ),
        cues=_waves,
    ),
    "sunset": Background(
        stops=(
            (0.0, (0.58, 0.32, 0.46)),
            (0.40, (0.92, 0.50, 0.32)),
            (0.73, (0.98, 0.76, 0.42)),
            (0.73, (0.52, 0.28, 0.30)),
            (1.0, (0.36, 0.18, 0.24)),
        ),
        cues=_low_sun,
    ),
    "desert": Background(
        stops=(
            (0.0, (0.58, 0.78, 0.91)),
            (0.62, (0.84, 0.90, 0.90)),
            (0.62, (0.88, 0.77, 0.52)),
            (1.0, (0.82, 0.68, 0.42)),
        ),
        cues=_dunes,
    ),
    "plain": Background(stops=((0.0, (0.87, 0.87, 0.87)), (1.0, (0.77, 0.77, 0.78))), cues=lambda _: ()),
}
