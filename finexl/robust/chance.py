"""Student's t and the false discovery rate, without a library of statistics.

Student's t is made a normal number by Wallace's formula (1959), whose p-values are right to .001
from five degrees of freedom on, and which has an inverse in closed form.
"""

from statistics import NormalDist

import numpy as np
from jaxtyping import Float64

_NORMAL = NormalDist()
_ROUNDING = 1e-9
"""Numbers that spread less than this share of their size are the same but for rounding."""
_LEAST_P = 1e-12
"""No p-value is smaller: nothing is impossible, and so far out no formula is right."""
Numbers = Float64[np.ndarray, " k"]


def mean_p_value(values: Numbers, errors: Numbers, freedom: Numbers) -> Numbers:
    """Two-sided p-values of 0 for numbers with standard errors; 1 where nothing is known of the spread."""
    certain = errors <= _ROUNDING * np.abs(values)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(certain, 0.0, values / errors)
        z = (8 * freedom + 1) / (8 * freedom + 3) * np.sqrt(freedom * np.log1p(t**2 / freedom))
    tails = np.array([2 * _NORMAL.cdf(-each) if np.isfinite(each) else 1.0 for each in z])
    told = np.where(certain & (freedom >= 1), np.where(values == 0, 1.0, 0.0), tails)
    return np.maximum(told, _LEAST_P)


def t_quantile(share: float, freedom: Numbers) -> Numbers:
    """The number below which Student's t stays with a probability of `share` > .5; infinite without freedom."""
    z = _NORMAL.inv_cdf(share)
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled = (z * (8 * freedom + 3) / (8 * freedom + 1)) ** 2 / freedom
        return np.where(freedom >= 1, np.sqrt(freedom * np.expm1(scaled)), np.inf)


def discoveries(p_values: Numbers, *, rate: float, n_tests: int) -> np.ndarray:
    """Which tests Benjamini and Hochberg's procedure (1995) keeps at a rate, `n_tests` in all having been made."""
    order = np.argsort(p_values, kind="stable")
    passed = p_values[order] <= rate * np.arange(1, len(order) + 1) / max(n_tests, 1)
    kept = np.zeros(len(order), dtype=bool)
    if passed.any():
        kept[order[: int(np.flatnonzero(passed)[-1]) + 1]] = True
    return kept
