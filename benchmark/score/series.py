"""The scores that a series of models was read to have, one for each level."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from benchmark.score.facts import is_number, is_row, is_whole
from finexl.errors import InvalidInputError


def readable_scores(scores: Sequence[float | None], levels: Sequence[int]) -> Float[np.ndarray, " n"]:
    """Scores as floats, NaN where unreadable.

    Raises:
        InvalidInputError: There are fewer than two levels, a level comes twice, or a score or level is not finite.
    """
    if not (is_row(scores) and is_row(levels)):
        raise InvalidInputError(
            f"Scores and levels of a series must be lists. Got {scores!r} and {levels!r}. Give one of each per model."
        )
    require_levels(len(levels))
    if not all(map(is_number, levels)):
        raise InvalidInputError(
            f"Levels must be finite numbers. Got {tuple(levels)!r}. Give every model its own."
        )
    if len(scores) != len(levels) or len(set(levels)) != len(levels):
        raise InvalidInputError(
            "A series must have one score per level, and no level twice. "
            f"Got {len(scores)} scores and levels {tuple(levels)!r}."
        )
    if not all(score is None or is_number(score) for score in scores):
        raise InvalidInputError(
            f"Scores must be finite numbers. Got {tuple(scores)!r}. Give None where a model is unreadable."
        )
    return np.array([np.nan if score is None else float(score) for score in scores])


def require_levels(n_levels: int) -> None:
    """Raise InvalidInputError for a series without an order."""
    if not is_whole(n_levels, least=2):
        raise InvalidInputError(
            f"A series must have at least two levels. Got {n_levels!r}. Give their number, a whole one."
        )
