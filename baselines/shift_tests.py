"""Is a word truer of the personalized images? One-sided tests of many words at once, and false discovery control."""

import numpy as np
from jaxtyping import Float64
from scipy import stats

_ROUNDING = 1e-9
"""Differences that spread less than this share of their size are the same but for rounding."""


def paired_p_values(differences: Float64[np.ndarray, "n c"]) -> Float64[np.ndarray, " c"]:
    """One-sided paired t-test per column: how likely is so large a mean difference if the truth is none?

    One pair, or no difference at all, is no evidence: p = 1. Equal differences are certain: p = 0 if positive.
    """
    n = len(differences)
    mean = differences.mean(axis=0)
    if n < 2:
        return np.ones_like(mean)
    error = differences.std(axis=0, ddof=1) / np.sqrt(n)
    certain = error <= _ROUNDING * np.abs(mean)
    t = mean / np.where(certain, 1.0, error)
    return np.where(certain, np.where(mean > 0, 0.0, 1.0), stats.t.sf(t, df=n - 1))


def welch_p_values(
    personalized: Float64[np.ndarray, "n c"], base: Float64[np.ndarray, "m c"]
) -> Float64[np.ndarray, " c"]:
    """One-sided Welch test per column: the two-sample test that forgets which images belong together."""
    difference = personalized.mean(axis=0) - base.mean(axis=0)
    if min(len(personalized), len(base)) < 2:
        return np.ones_like(difference)
    shares = np.stack([rows.var(axis=0, ddof=1) / len(rows) for rows in (personalized, base)])
    variance = shares.sum(axis=0)
    certain = np.sqrt(variance) <= _ROUNDING * np.abs(difference)
    shares, variance = np.where(certain, 1.0, shares), np.where(certain, 2.0, variance)
    freedom = variance**2 / (shares[0] ** 2 / (len(personalized) - 1) + shares[1] ** 2 / (len(base) - 1))
    p = stats.t.sf(difference / np.sqrt(variance), df=freedom)
    return np.where(certain, np.where(difference > 0, 0.0, 1.0), p)


def false_discovery_q_values(p_values: Float64[np.ndarray, " c"]) -> Float64[np.ndarray, " c"]:
    """The rate of false discoveries at which each test would just be kept (Benjamini and Hochberg, 1995)."""
    return stats.false_discovery_control(p_values, method="bh") if len(p_values) else p_values
