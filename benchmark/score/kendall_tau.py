"""Kendall's τ-b: how far scores and levels agree about which of two models is ahead."""

from collections.abc import Sequence

import numpy as np

from benchmark.score.series import readable_scores


def kendall_tau_b(scores: Sequence[float | None], levels: Sequence[int]) -> float | None:
    """Kendall's τ-b between readable scores and levels, in [-1, 1]; None where it is undefined.

    It is undefined for fewer than two readable scores, and for scores that are all equal.
    """
    from scipy.stats import kendalltau  # late: listings read the scenarios, and scipy is slow to import

    values = readable_scores(scores, levels)
    readable = np.isfinite(values)
    if len(np.unique(values[readable])) < 2:
        return None
    found = kendalltau(values[readable], np.asarray(levels)[readable], variant="b")
    return float(np.asarray(found)[0])
