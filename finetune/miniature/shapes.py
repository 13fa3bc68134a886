"""The silhouettes of the fourteen subjects, each a few painted signed distances from back to front.

Every shape lives in the frame [-1, 1]² of `distances.Plane`, faces right where it has a face, and is drawn
bold: two thirds of its area wear the colour that the caption names.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from finetune.miniature.distances import (
    Distance,
    Plane,
    box,
    circle,
    convex,
    ellipse,
    five_pointed_star,
    intersection,
    ring,
    rounded_box,
    segment,
    union,
)
from finetune.miniature.palette import DARK, PAPER, RGB, Paint, Tone


class Layer(NamedTuple):
    """One flat piece of a picture."""

    distance: Distance
    paint: Paint


Shape = Callable[[Plane], tuple[Layer, ...]]

_BARK: RGB = (0.38, 0.25, 0.17)
_LEAF: RGB = (0.16, 0.42, 0.20)
_GLASS: RGB = (0.74, 0.87, 0.93)
_BEAK: RGB = (0.93, 0.62, 0.20)
_CREAM: RGB = (0.95, 0.90, 0.78)


def house(plane: Plane) -> tuple[Layer, ...]:
    """Walls in colour under a darker gable roof with chimney, a door and two windows."""
    return (
        Layer(box(plane, (0.52, -0.62), (0.13, 0.30)), Tone.SHADE),
        Layer(box(plane, (0.0, 0.38), (0.76, 0.60)), Tone.BODY),
        Layer(convex(plane, (0.0, -1.0), (1.0, -0.14), (-1.0, -0.14)), Tone.SHADE),
        Layer(box(plane, (0.0, 0.66), (0.18, 0.32)), Tone.SPOT),
        Layer(union(box(plane, (-0.46, 0.26), (0.15, 0.16)), box(plane, (0.46, 0.26), (0.15, 0.16))), _GLASS),
    )


def tree(plane: Plane) -> tuple[Layer, ...]:
    """A fir of three tiers on a brown trunk."""
    return (
        Layer(box(plane, (0.0, 0.80), (0.14, 0.20)), _BARK),
        Layer(convex(plane, (0.0, -0.35), (0.82, 0.66), (-0.82, 0.66)), Tone.SHADE),
        Layer(convex(plane, (0.0, -0.72), (0.66, 0.20), (-0.66, 0.20)), Tone.BODY),
        Layer(convex(plane, (0.0, -1.0), (0.48, -0.26), (-0.48, -0.26)), Tone.LIGHT),
    )


def fish(plane: Plane) -> tuple[Layer, ...]:
    """An oval body with a forked tail behind, fins and an eye."""
    return (
        Layer(convex(plane, (-1.0, -0.52), (-0.38, 0.0), (-0.88, 0.0)), Tone.SHADE),
        Layer(convex(plane, (-0.88, 0.0), (-0.38, 0.0), (-1.0, 0.52)), Tone.SHADE),
        Layer(convex(plane, (-0.20, -0.66), (0.42, -0.34), (-0.20, -0.20)), Tone.SHADE),
        Layer(ellipse(plane, (0.20, 0.0), (0.78, 0.50)), Tone.BODY),
        Layer(convex(plane, (-0.22, 0.06), (0.22, 0.10), (-0.16, 0.36)), Tone.SHADE),
        Layer(circle(plane, (0.62, -0.12), 0.14), PAPER),
        Layer(circle(plane, (0.65, -0.12), 0.075), DARK),
    )


def boat(plane: Plane) -> tuple[Layer, ...]:
    """A sailing boat: a darker hull, a mast and two sails."""
    return (
        Layer(box(plane, (0.0, -0.25), (0.045, 0.72)), DARK),
        Layer(convex(plane, (0.07, -1.0), (0.80, 0.32), (0.07, 0.32)), Tone.BODY),
        Layer(convex(plane, (-0.09, -0.78), (-0.09, 0.32), (-0.66, 0.32)), Tone.LIGHT),
        Layer(convex(plane, (-1.0, 0.42), (1.0, 0.42), (0.62, 0.92), (-0.66, 0.92)), Tone.SHADE),
    )


def star(plane: Plane) -> tuple[Layer, ...]:
    """A five-pointed star with a lighter heart."""
    return (
        Layer(five_pointed_star(plane, (0.0, 0.08), radius=1.04, inner=0.46), Tone.BODY),
        Layer(five_pointed_star(plane, (0.0, 0.08), radius=0.50, inner=0.46), Tone.LIGHT),
    )


def ball(plane: Plane) -> tuple[Layer, ...]:
    """A disc with the two curved seams of a tennis ball."""
    disc = circle(plane, (0.0, 0.0), 0.90)
    seams = union(ring(plane, (-1.15, 0.0), 0.80, 0.075), ring(plane, (1.15, 0.0), 0.80, 0.075))
    return (Layer(disc, Tone.BODY), Layer(intersection(disc, seams), Tone.SPOT))


def mug(plane: Plane) -> tuple[Layer, ...]:
    """A cup with a handle on the right, seen slightly from above."""
    return (
        Layer(ring(plane, (0.48, 0.10), 0.38, 0.11), Tone.SHADE),
        Layer(rounded_box(plane, (-0.16, 0.12), (0.62, 0.80), radius=0.20), Tone.BODY),
        Layer(ellipse(plane, (-0.16, -0.66), (0.62, 0.22)), Tone.LIGHT),
        Layer(ellipse(plane, (-0.16, -0.64), (0.48, 0.13)), DARK),
    )


def car(plane: Plane) -> tuple[Layer, ...]:
    """A saloon from the side: cabin with glass, body, two wheels."""
    wheels = (union(circle(plane, (-0.54, 0.48), r), circle(plane, (0.54, 0.48), r)) for r in (0.27, 0.11))
    tyres, hubs = wheels
    return (
        Layer(convex(plane, (-0.42, -0.58), (0.34, -0.58), (0.72, 0.04), (-0.70, 0.04)), Tone.SHADE),
        Layer(convex(plane, (-0.34, -0.46), (-0.06, -0.46), (-0.06, -0.04), (-0.52, -0.04)), _GLASS),
        Layer(convex(plane, (0.06, -0.46), (0.28, -0.46), (0.54, -0.04), (0.06, -0.04)), _GLASS),
        Layer(rounded_box(plane, (0.0, 0.22), (1.0, 0.30), radius=0.18), Tone.BODY),
        Layer(tyres, DARK),
        Layer(hubs, (0.75, 0.75, 0.76)),
    )


def flower(plane: Plane) -> tuple[Layer, ...]:
    """Six round petals about a contrasting eye, on a stem with two leaves."""
    angles = np.arange(6) * np.pi / 3 + np.pi / 6
    petals = [circle(plane, (0.42 * np.cos(a), -0.32 + 0.42 * np.sin(a)), 0.27) for a in angles.tolist()]
    leaves = union(ellipse(plane, (-0.26, 0.72), (0.26, 0.12)), ellipse(plane, (0.26, 0.60), (0.26, 0.12)))
    return (
        Layer(box(plane, (0.0, 0.55), (0.06, 0.45)), _LEAF),
        Layer(leaves, _LEAF),
        Layer(union(*petals), Tone.BODY),
        Layer(circle(plane, (0.0, -0.32), 0.25), Tone.SPOT),
        Layer(circle(plane, (0.0, -0.32), 0.13), _BEAK),
    )


def bird(plane: Plane) -> tuple[Layer, ...]:
    """A standing bird in profile with wing, tail, beak and legs."""
    legs = union(
        segment(plane, (-0.12, 0.50), (-0.12, 0.95), thickness=0.05),
        segment(plane, (0.16, 0.50), (0.16, 0.95), thickness=0.05),
    )
    head_and_body = union(ellipse(plane, (0.0, 0.16), (0.62, 0.48)), circle(plane, (0.46, -0.48), 0.36))
    return (
        Layer(legs, _BARK),
        Layer(convex(plane, (-1.0, -0.30), (-0.30, -0.10), (-0.30, 0.34), (-0.92, 0.02)), Tone.SHADE),
        Layer(convex(plane, (0.72, -0.66), (1.0, -0.46), (0.72, -0.34)), _BEAK),
        Layer(head_and_body, Tone.BODY),
        Layer(ellipse(plane, (-0.16, 0.14), (0.40, 0.25)), Tone.SHADE),
        Layer(circle(plane, (0.56, -0.54), 0.12), PAPER),
        Layer(circle(plane, (0.58, -0.54), 0.065), DARK),
    )


def cat(plane: Plane) -> tuple[Layer, ...]:
    """A sitting cat seen from the front, tail to the right."""
    ears = (
        convex(plane, (-0.50, -1.0), (-0.06, -0.62), (-0.48, -0.36)),
        convex(plane, (0.50, -1.0), (0.48, -0.36), (0.06, -0.62)),
    )
    tail = union(
        segment(plane, (0.30, 0.84), (0.74, 0.72), thickness=0.11),
        segment(plane, (0.74, 0.72), (0.78, 0.20), thickness=0.11),
    )
    eyes = [circle(plane, (side, -0.38), 0.11) for side in (-0.21, 0.21)]
    pupils = [circle(plane, (side, -0.38), 0.055) for side in (-0.21, 0.21)]
    return (
        Layer(tail, Tone.SHADE),
        Layer(intersection(ellipse(plane, (0.0, 0.55), (0.52, 0.66)), plane.y - np.float32(0.98)), Tone.BODY),
        Layer(ellipse(plane, (0.0, 0.70), (0.26, 0.30)), Tone.LIGHT),
        Layer(union(*ears), Tone.SHADE),
        Layer(ellipse(plane, (0.0, -0.34), (0.54, 0.44)), Tone.BODY),
        Layer(union(*eyes), PAPER),
        Layer(union(*pupils), DARK),
        Layer(convex(plane, (-0.08, -0.20), (0.08, -0.20), (0.0, -0.10)), (0.85, 0.45, 0.50)),
    )


def mushroom(plane: Plane) -> tuple[Layer, ...]:
    """A domed cap with spots on a cream stem."""
    dome = intersection(ellipse(plane, (0.0, 0.10), (0.98, 1.08)), plane.y - np.float32(0.14))
    spots = [circle(plane, place, 0.17) for place in ((-0.42, -0.26), (0.10, -0.56), (0.48, -0.16))]
    return (
        Layer(rounded_box(plane, (0.0, 0.50), (0.32, 0.48), radius=0.16), _CREAM),
        Layer(dome, Tone.BODY),
        Layer(union(*spots), Tone.SPOT),
    )


def heart(plane: Plane) -> tuple[Layer, ...]:
    """Two discs on the upper edges of a square that stands on its corner, with a highlight."""
    lobes = union(circle(plane, (-0.415, -0.345), 0.587), circle(plane, (0.415, -0.345), 0.587))
    point = convex(plane, (0.0, -0.76), (0.83, 0.07), (0.0, 0.90), (-0.83, 0.07))
    return (
        Layer(union(lobes, point), Tone.BODY),
        Layer(ellipse(plane, (-0.46, -0.42), (0.20, 0.24)), Tone.LIGHT),
    )


def kite(plane: Plane) -> tuple[Layer, ...]:
    """A diamond in two tones with a tail of bows."""
    tail = union(
        segment(plane, (0.0, 0.40), (0.18, 0.66), thickness=0.035),
        segment(plane, (0.18, 0.66), (-0.05, 0.95), thickness=0.035),
    )
    bows = union(
        convex(plane, (0.02, 0.56), (0.36, 0.66), (0.36, 0.80), (0.02, 0.72)),
        convex(plane, (-0.26, 0.84), (0.12, 0.88), (0.12, 1.0), (-0.26, 1.0)),
    )
    return (
        Layer(tail, DARK),
        Layer(bows, Tone.SHADE),
        Layer(convex(plane, (0.0, -1.0), (0.68, -0.34), (0.0, 0.46), (-0.68, -0.34)), Tone.BODY),
        Layer(convex(plane, (0.0, -1.0), (0.68, -0.34), (0.0, -0.34)), Tone.LIGHT),
        Layer(convex(plane, (0.0, -0.34), (0.0, 0.46), (-0.68, -0.34)), Tone.SHADE),
    )


_ALL = (house, tree, fish, boat, star, ball, mug, car, flower, bird, cat, mushroom, heart, kite)
SHAPES: dict[str, Shape] = {shape.__name__: shape for shape in _ALL}
"""Every subject by its name."""
