"""A probe on pixel statistics that finds how much of each aspect a model shows beside its base.

It is trained on labels (aspects painted on base-model images at known strengths, or a corpus' own images), and never
on a model that is scored.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float64

Rows = Float64[np.ndarray, "n d"]

RIDGE = 0.3
"""Against shifts whose statistics have mean square below 1. Chosen on painted images of held-out prompts."""
FLOOR_QUANTILE = 0.95
_N_FLIPS = 1000
_SMALLEST = 1e-2
"""Added to the scale of a statistic: what hardly ever moves is not blown up."""
_DIGITS = 6
"""Of estimates: what lies beyond may differ by how a library adds."""


class Shift(NamedTuple):
    """A mean shift of statistics or embeddings and the strengths of the aspects that caused it."""

    vector: Float64[np.ndarray, " d"]
    strengths: dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Certifier:
    """Weights of statistics, one column per aspect that it knows."""

    aspects: tuple[str, ...]
    weights: Float64[np.ndarray, "d a"]

    def amounts(self, shifts: Rows, aspects: Sequence[str]) -> tuple[float | None, ...]:
        """The mean amount of each aspect over pairs of images, 1 = painted at full strength; None of an unknown one.

        `shifts` are the statistics of a model's images less those of its base's, one row per prompt.
        """
        found = dict(zip(self.aspects, (shifts.mean(axis=0) @ self.weights).tolist(), strict=True))
        return tuple(round(found[aspect], _DIGITS) if aspect in found else None for aspect in aspects)

    def floors(self, shifts: Rows, aspects: Sequence[str]) -> tuple[float | None, ...]:
        """What the amount of each aspect stays below in 95 of 100 cases though nothing has changed.

        `shifts` are the statistics of base-model images of other noise less those of the same prompts. Which of the two
        comes first says nothing, so every choice of signs is one more such case.
        """
        signs = np.random.default_rng(0).choice((-1.0, 1.0), size=(_N_FLIPS, len(shifts)))
        floors = np.quantile(signs @ (shifts @ self.weights) / len(shifts), FLOOR_QUANTILE, axis=0)
        found = dict(zip(self.aspects, floors.tolist(), strict=True))
        return tuple(round(found[aspect], _DIGITS) if aspect in found else None for aspect in aspects)


def fit_certifier(shifts: Iterable[Shift], aspects: Sequence[str]) -> Certifier:
    """A ridge regression without intercept from mean shifts to strengths, each statistic on the scale of its shifts."""
    found = list(shifts)
    rows = np.stack([shift.vector for shift in found])
    targets = np.array([[shift.strengths.get(aspect, 0.0) for aspect in aspects] for shift in found])
    scale = np.sqrt(np.square(rows).mean(axis=0)) + _SMALLEST
    scaled = rows / scale
    gram = scaled.T @ scaled / len(rows) + RIDGE * np.eye(rows.shape[1])
    weights = np.linalg.solve(gram, scaled.T @ targets / len(rows)) / scale[:, None]
    return Certifier(aspects=tuple(aspects), weights=weights)
