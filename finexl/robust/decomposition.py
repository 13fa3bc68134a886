"""V_div as a sparse sum of aspects: which of them, and how much of each (a signed lasso, then least squares).

"Less vivid" is as good a claim as "vivid": amounts have a sign, and a change turned round has the same amounts turned
round.
"""

import numpy as np
from jaxtyping import Float64

Vector = Float64[np.ndarray, " d"]
Vectors = Float64[np.ndarray, "k d"]
_MAX_ROUNDS = 2_000
_TOLERANCE = 1e-10


def sparse_amounts(
    shift: Vector, units: Vectors, *, penalty: float | Float64[np.ndarray, " k"]
) -> Float64[np.ndarray, " k"]:
    """Amounts of least ½ ‖shift - Σ aᵢ uᵢ‖² + ‖shift‖ · Σ penaltyᵢ |aᵢ| for unit vectors, by coordinate descent."""
    gram, wanted = units @ units.T, units @ shift
    weight = np.broadcast_to(penalty, len(units)) * float(np.linalg.norm(shift))
    amounts, left = np.zeros(len(units)), wanted.copy()
    tolerance = _TOLERANCE * max(float(np.abs(wanted).max(initial=0.0)), 1e-300)
    active = np.flatnonzero(np.abs(wanted) > weight)
    for _ in range(_MAX_ROUNDS):
        largest = 0.0
        for i in active:
            pull = left[i] + amounts[i]
            new = np.sign(pull) * max(abs(pull) - weight[i], 0.0)
            if (step := new - amounts[i]) != 0.0:
                amounts[i] = new
                left -= step * gram[i]
                largest = max(largest, abs(step))
        if largest <= tolerance:
            violating = np.flatnonzero((amounts == 0) & (np.abs(left) > weight + tolerance))
            new_active = np.union1d(np.flatnonzero(amounts), violating)
            if not len(violating):
                break
            active = new_active
    return amounts


def least_squares(units: Vectors) -> Float64[np.ndarray, "k d"]:
    """The linear maps from a shift to the amounts of least ‖shift - Σ aᵢ uᵢ‖²."""
    return np.linalg.pinv(units.T, rcond=1e-9)
