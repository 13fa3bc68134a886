"""Kendall's τ-b: how far scores and levels agree about which of two models is ahead."""

from collections.abc import Sequence

import numpy as np

from benchmark.score.series import readable_scores


def kendall_tau_b(scores: Sequence[float | None], levels: Sequence[int]) -> float | None:
    """Kendall's τ-b between readable scores and levels, in [-1, 1]; None where it is undefined.

    It is undefined for fewer than two readable scores, and for scores that are all equal.
    """
    values = readable_scores(scores, levels)
    readable = np.isfinite(values)
    if len(np.unique(values[readable])) < 2:
        return None
    claimed, true = (
        np.sign(each[:, None] - each[None]) for each in (values[readable], np.asarray(levels)[readable])
    )
    # every pair counts twice in all three sums
    return float((claimed * true).sum() / np.sqrt((claimed**2).sum() * (true**2).sum()))
