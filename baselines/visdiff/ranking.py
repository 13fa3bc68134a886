"""VisDiff's last stage: how well does each hypothesis tell personalized from base images?

As published (Understanding-Visual-Datasets/VisDiff, `components/ranker.py`): the similarity of every image with the
bare text, the area under the ROC curve of personalized against base images, highest first. Added: since images come
in pairs, a paired mean difference breaks ties, which are frequent where the curve's area reaches 1, and a paired test
with false discovery control says which hypotheses are supported; the published Welch test decides nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64
from scipy import stats

from baselines.shift_tests import false_discovery_q_values, paired_p_values


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedHypothesis:
    """A hypothesis with what its similarities to base and personalized images show."""

    hypothesis: str
    auroc: float
    """Share of pairs (any personalized, any base image) where the personalized image is more similar; ties are half."""
    mean_difference: float
    """Mean over prompts of the similarity of the personalized minus that of the base image."""
    p_value: float
    """Of the one-sided paired t-test."""
    q_value: float
    """The same after Benjamini and Hochberg's correction over all hypotheses."""
    score: float
    """2 · AUROC - 1, in [-1, 1], moved by the mean difference by less than half the distance between two areas."""


def rank(
    hypotheses: Sequence[str],
    personalized: Float64[np.ndarray, "n h"],
    base: Float64[np.ndarray, "n h"],
) -> tuple[RankedHypothesis, ...]:
    """Hypotheses by AUROC, then by paired mean difference, highest first; one column of similarities each."""
    differences = personalized - base
    mean = differences.mean(axis=0)
    areas = auroc(personalized, base)
    p_values = paired_p_values(differences)
    q_values = false_discovery_q_values(p_values)
    scores = 2 * areas - 1 + _tie_breaker(mean, n=len(base))
    ranked = [
        RankedHypothesis(
            hypothesis=hypothesis,
            auroc=float(areas[i]),
            mean_difference=float(mean[i]),
            p_value=float(p_values[i]),
            q_value=float(q_values[i]),
            score=float(scores[i]),
        )
        for i, hypothesis in enumerate(hypotheses)
    ]
    return tuple(sorted(ranked, key=lambda one: (-one.auroc, -one.mean_difference, one.hypothesis)))


def auroc(
    positive: Float64[np.ndarray, "n h"], negative: Float64[np.ndarray, "m h"]
) -> Float64[np.ndarray, " h"]:
    """Area under the ROC curve of each column, by the rank sum of the positives with mid-ranks for ties."""
    n, m = len(positive), len(negative)
    ranks = stats.rankdata(np.concatenate([positive, negative]), axis=0)
    return (ranks[:n].sum(axis=0) - n * (n + 1) / 2) / (n * m)


def _tie_breaker(mean: Float64[np.ndarray, " h"], *, n: int) -> Float64[np.ndarray, " h"]:
    """A number that grows with the mean difference and stays below half the smallest step of 2 · AUROC, 1/n²."""
    return 0.49 / n**2 * mean / (1 + np.abs(mean))
