"""The lasso with weights that are not negative, by coordinate descent on the normal equations."""

import numpy as np
from jaxtyping import Float64

from finexl.errors import InvalidInputError


def nonnegative_lasso(
    rows: Float64[np.ndarray, "c d"],
    target: Float64[np.ndarray, " d"],
    *,
    penalty: float,
    tolerance: float = 1e-10,
    max_sweeps: int = 10_000,
) -> Float64[np.ndarray, " c"]:
    """The w ≥ 0 of least ½‖target - Σ wᵢ rowsᵢ‖² + penalty · Σ wᵢ; one row per weight.

    With d numbers in a row it is scikit-learn's Lasso(alpha=penalty / d, positive=True, fit_intercept=False). Each
    step sets one weight to its best value given the others, until a sweep changes none by more than `tolerance`.
    """
    if not penalty > 0:
        raise InvalidInputError(f"`penalty` of a lasso must be positive. Got {penalty!r}.")
    gram, pull = rows @ rows.T, rows @ target - penalty
    lengths = np.diagonal(gram)
    weights = np.zeros(len(rows))
    for _ in range(max_sweeps):
        before = weights.copy()
        for i in np.flatnonzero((lengths > 0) & ((weights > 0) | (gram @ weights < pull))):
            weights[i] = max(0.0, weights[i] + (pull[i] - gram[i] @ weights) / lengths[i])
        if np.abs(weights - before).max(initial=0.0) <= tolerance:
            break
    return weights
