"""The scores that a series of models was read to have, one for each level."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from finexl.errors import InvalidInputError


def readable_scores(scores: Sequence[float | None], levels: Sequence[int]) -> Float[np.ndarray, " n"]:
    """Scores as floats, NaN where unreadable.

    Raises:
        InvalidInputError: There are fewer than two levels, a level comes twice, or a score is itself not finite.
    """
    require_levels(len(levels))
    if len(scores) != len(levels) or len(set(levels)) != len(levels):
        raise InvalidInputError(
            "A series must have one score per level, and no level twice. "
            f"Got {len(scores)} scores and levels {tuple(levels)!r}."
        )
    if not np.isfinite([score for score in scores if score is not None]).all():
        raise InvalidInputError(f"Scores must be finite, or None where unreadable. Got {tuple(scores)!r}.")
    return np.array([np.nan if score is None else float(score) for score in scores])


def require_levels(n_levels: int) -> None:
    """Raise InvalidInputError for a series without an order."""
    if n_levels < 2:
        raise InvalidInputError(f"A series must have at least two levels. Got {n_levels}.")
