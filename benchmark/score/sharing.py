"""What units are worth that share aspects: who can or cannot tell an aspect does so wherever it comes.

As in dyadic data (Aronow, Samii & Assenova 2015) two units go together where they have an aspect in common, and their
mean varies more than that of as many independent ones. Sandwich estimates are known to be too small for few units,
so the dependence has one parameter here: the share of the variance that comes from aspects.
"""

from collections.abc import Collection, Sequence

import numpy as np
from jaxtyping import Float

_SURPLUS = 0.5
"""Standard errors that are added to the estimated share: without them one interval in fourteen misses."""


def design_effect(
    worths: Float[np.ndarray, "r n"], aspects: Sequence[Collection[str]]
) -> Float[np.ndarray, " r"]:
    """How many times the variance of the mean of `n` units is that of independent ones, at least 1, for each row.

    `aspects` are those of every unit. The share is estimated from residuals without bias where two moments tell it, and
    taken half a standard error larger. Units that all have the same aspects say nothing of others: 1.
    """
    own = shared(aspects)
    n, ones = len(own), np.ones(len(worths))
    centred = np.eye(n) - 1 / n
    between = own - np.eye(n)
    # of the expected moments: what the variance and the covariance of units contribute to each
    alone, across, both = n - 1.0, -between.sum() / n, np.trace(between @ centred @ between @ centred)
    determinant = alone * both - across**2
    if determinant <= 1e-9 * alone * both:
        return ones
    residuals = worths - worths.mean(axis=1, keepdims=True)
    squares = (residuals**2).sum(axis=1)
    products = np.einsum("rn,nm,rm->r", residuals, between, residuals)
    variance, covariance = both * squares - across * products, alone * products - across * squares
    estimated = np.where(
        variance > 0, covariance / np.where(variance > 0, variance, 1.0), np.where(squares > 0, 1.0, 0.0)
    )
    share = np.clip(estimated + _SURPLUS * np.sqrt(2 / both), 0.0, 1.0)
    return np.maximum(ones, (1 + share * between.sum() / n) * alone / (alone + share * across))


def shared(aspects: Sequence[Collection[str]]) -> Float[np.ndarray, "n n"]:
    """How far any two units are about the same: the number of aspects in common by the geometric mean of theirs.

    A unit whose aspects are not known shares none.
    """
    names = sorted({name for own in aspects for name in own})
    held = np.array([[name in own for name in names] for own in aspects], dtype=np.float64).reshape(
        len(aspects), len(names)
    )
    held /= np.sqrt(np.maximum(held.sum(axis=1, keepdims=True), 1.0))
    found = held @ held.T
    np.fill_diagonal(found, 1.0)
    return found
