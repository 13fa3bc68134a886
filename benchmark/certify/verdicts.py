"""When an aspect of a group counts as certified: what was measured of it grows with its level, from above a floor.

Training steps and shares of images stand for the amount of an aspect (§6.1, §6.2). That is only true if the images
move with them, and by that aspect.
"""

from collections.abc import Sequence

import numpy as np

CERTIFIED_TAU = 0.8
"""Kendall's τ between level and amount from which an aspect counts as certified."""


def is_certified(levels: Sequence[int], amounts: Sequence[float | None], floor: float | None) -> bool:
    """Whether τ ≥ .8 and the models of the lowest level above 0 show more, on average, than the floor.

    An aspect of which all models have the same level has no τ, and one that none has no lowest level: what is not
    claimed needs no proof. An aspect that could not be measured (None) is not certified.
    """
    measured = [amount for amount in amounts if amount is not None]
    if floor is None or len(measured) < len(amounts):
        return False
    tau, shown = tau_of_levels(levels, measured), [level for level in levels if level > 0]
    if tau is not None and tau < CERTIFIED_TAU:
        return False
    at_lowest = [
        amount for amount, level in zip(measured, levels, strict=True) if shown and level == min(shown)
    ]
    return not at_lowest or float(np.mean(at_lowest)) > floor


def tau_of_levels(levels: Sequence[int], amounts: Sequence[float]) -> float | None:
    """Kendall's τ over the pairs of models that differ in level, in [-1, 1]; None where none do.

    In a mixture many models share a level of one aspect (half of them 0), while the others vary. τ-b divides by ties
    of either side, so that a faultless order of a lattice in halves scores .86 and one swap .70; here they score 1 and
    .82 (Somers' D). In a ladder both are the same.
    """
    steps = np.sign(np.subtract.outer(np.asarray(levels), np.asarray(levels)))
    agrees = steps * np.sign(np.subtract.outer(np.asarray(amounts), np.asarray(amounts)))
    n_differing = np.count_nonzero(steps)
    return float(agrees.sum() / n_differing) if n_differing else None
