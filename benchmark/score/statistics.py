"""Intervals and tests for few independent units: a unit is one personalization, as a series or a pair of aspects is.

The models of a unit share a training run, prompts and luck, so that counting them one by one makes intervals too
narrow. Empty input raises.
"""

from collections.abc import Sequence
from functools import cache
from math import sqrt
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from benchmark.score.facts import is_number, is_row, is_whole
from finexl.errors import InvalidInputError

MIN_UNITS = 5
"""Fewer units say nothing of their spread."""
EXACT_UNITS = 16
"""Sign flips are enumerated up to this many units, and drawn at random above."""
N_DRAWN = 20_000
SIGNIFICANT = 0.05
POWER = 0.8
"""Share of true differences of the smallest detectable size that are found."""


class Interval(NamedTuple):
    """A confidence interval."""

    low: float
    high: float


def t_interval(
    units: Sequence[float], *, ends: tuple[float, float], effect: float = 1.0, confidence: float = 0.95
) -> Interval | None:
    """Student's interval of the mean of a score between two `ends`; None below five units.

    One more unit in the middle of the range is added. It keeps the interval from vanishing where all units are at one
    end, where a plain t interval covers half of what it says, and matters little elsewhere. Where every unit is at one
    end or the other, the interval is as wide as Wilson's too: one more or less of them is a step as large as Student's
    reach. Units that share aspects count as so many independent ones as their design `effect` leaves
    (`benchmark.score.sharing`).
    """
    from scipy.special import stdtrit

    numbers = _nonempty(units)
    if not is_number(confidence) or not 0 < confidence < 1:
        raise InvalidInputError(
            f"`confidence` must be between 0 and 1. Got {confidence!r}. Give .95 for 95%."
        )
    if not (is_row(ends) and len(ends) == 2 and all(map(is_number, ends)) and ends[0] != ends[1]):
        raise InvalidInputError(
            f"`ends` must be the two ends of a score's range. Got {ends!r}. Give its best and worst value."
        )
    _require_effect(effect)
    if len(numbers) < MIN_UNITS:
        return None
    low, high = sorted(ends)
    padded = np.append(numbers, (low + high) / 2)
    quantile = float(stdtrit(max(len(numbers) / effect, 1.0), (1 + confidence) / 2))
    reach = quantile * padded.std(ddof=1) * sqrt(effect / len(padded))
    bounds = [padded.mean() - reach, padded.mean() + reach]
    if np.isin(numbers, (low, high)).all():
        share = (numbers.mean() - low) / (high - low)
        found = _wilson(share, n=len(numbers) / effect, confidence=confidence)
        bounds += [low + end * (high - low) for end in found]
    # a score at an end is inside its own interval: the added unit pulls the center away from it
    return Interval(
        float(min(max(min(bounds), low), numbers.mean())),
        float(max(min(max(bounds), high), numbers.mean())),
    )


def sign_flip_permutation(
    differences: Sequence[float], *, effect: float = 1.0, seed: int = 0, n_resamples: int = N_DRAWN
) -> float:
    """Two-sided p that paired differences, one per unit, have mean zero; exact up to 16 units."""
    numbers = _nonempty(differences)
    _require_effect(effect)
    if not is_whole(n_resamples, least=1):
        raise InvalidInputError(
            f"`n_resamples` must be at least 1. Got {n_resamples!r}. Give a whole number, as {N_DRAWN}."
        )
    return float(sign_flips(numbers[None], effects=np.array([effect]), seed=seed, n_resamples=n_resamples)[0])


def sign_flips(
    differences: Float[np.ndarray, "r n"],
    *,
    effects: Float[np.ndarray, " r"],
    seed: int = 0,
    n_resamples: int = N_DRAWN,
) -> Float[np.ndarray, " r"]:
    """Two-sided p that the differences of each row have mean zero.

    Flips vary as sums of independent units do. Where units share aspects the observed sum is taken for the one that is
    as rare among independent units; where they share none the test is exact up to 16 of them. What all units agree on
    is no variance, so that it is found however much they share.
    """
    n = differences.shape[1]
    if is_exact := n <= EXACT_UNITS:
        signs = _every_sign(n)
    else:
        drawn = np.random.default_rng(seed).choice(np.array([-1, 1], dtype=np.int8), size=(n_resamples, n))
        signs = drawn.astype(np.float64)
    observed = _as_if_independent(differences, effects)
    slack = 1e-12 * np.abs(differences).sum(axis=1)
    hits = (np.abs(signs @ differences.T) >= observed - slack).sum(axis=0)
    return hits / len(signs) if is_exact else (hits + 1) / (n_resamples + 1)


def _as_if_independent(
    differences: Float[np.ndarray, "r n"], effects: Float[np.ndarray, " r"]
) -> Float[np.ndarray, " r"]:
    """The sizes of sums that would be as rare for independent units, by Student's t, as those of each row are.

    Its variance is `effects` times theirs, and known from so many fewer units, of which the effect itself takes one.
    """
    from scipy.special import stdtr, stdtrit

    n = differences.shape[1]
    sums, most = np.abs(differences.sum(axis=1)), np.sqrt(n * (differences**2).sum(axis=1))
    found = sums.copy()
    open_ = (effects > 1) & (sums < most * (1 - 1e-12))
    within = np.sqrt((most**2 - sums**2)[open_] / (n - 1))
    left = n / effects[open_] - 1 - np.minimum(effects[open_] - 1, 1.0)
    chance = stdtr(np.maximum(left, 1.0), -sums[open_] / within / np.sqrt(effects[open_]))
    t = -stdtrit(n - 1, np.maximum(chance, 1e-300))
    found[open_] = most[open_] * t / np.sqrt(t**2 + n - 1)
    return found


def smallest_p(n_units: int) -> float:
    """The least p that a sign flip of `n_units` can give: all of one sign, either way."""
    if not is_whole(n_units, least=0):
        raise InvalidInputError(f"`n_units` must be at least 0. Got {n_units!r}. Give a whole number.")
    return min(1.0, 2.0 ** (1 - n_units))


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Holm's adjusted p-values, in the order given."""
    given = _nonempty(p_values)
    if ((given < 0) | (given > 1)).any():
        raise InvalidInputError(f"p-values must be in [0, 1]. Got {tuple(p_values)!r}.")
    order = np.argsort(given, kind="stable")
    stepped = np.maximum.accumulate(given[order] * np.arange(len(given), 0, -1))
    adjusted = np.empty_like(given)
    adjusted[order] = np.minimum(stepped, 1.0)
    return tuple(adjusted.tolist())


def can_compare(n_units: int, *, n_tests: int) -> bool:
    """Whether any of `n_tests` differences over `n_units` could be found at 5% after Holm."""
    if not is_whole(n_tests, least=0):
        raise InvalidInputError(f"`n_tests` must be at least 0. Got {n_tests!r}. Give a whole number.")
    return n_tests * smallest_p(n_units) <= SIGNIFICANT


def detectable(spread: float, *, n_units: int, n_tests: int) -> float | None:
    """The difference that four of five times is found over `n_units` at 5%, allowing for `n_tests` tests.

    `spread` is the standard deviation of paired differences. None where no difference could be found.
    """
    from scipy.special import stdtrit

    if not is_number(spread) or spread < 0:
        raise InvalidInputError(
            f"`spread` must be a standard deviation of at least 0. Got {spread!r}. Give that of the differences."
        )
    if not can_compare(n_units, n_tests=n_tests):
        return None
    certain, likely = stdtrit(n_units - 1, [1 - SIGNIFICANT / (2 * n_tests), POWER])
    return float((certain + likely) * spread / sqrt(n_units))


def _wilson(share: float, *, n: float, confidence: float) -> Interval:
    """Wilson's score interval of a share of `n` trials."""
    from scipy.special import ndtri

    squared = float(ndtri((1 + confidence) / 2)) ** 2
    center, shrunk = share + squared / (2 * n), 1 + squared / n
    reach = sqrt(squared * (share * (1 - share) + squared / (4 * n)) / n)
    return Interval((center - reach) / shrunk, (center + reach) / shrunk)


@cache
def _every_sign(n: int) -> Float[np.ndarray, "m n"]:
    """Half of all signs: the other half gives the same sizes."""
    return 1.0 - 2.0 * ((np.arange(2 ** (n - 1))[:, None] >> np.arange(n)) & 1)


def _nonempty(values: Sequence[float]) -> np.ndarray:
    if not is_row(values) or not len(values) or not all(map(is_number, values)):
        raise InvalidInputError(
            f"A statistic needs at least one value, all finite. Got {values!r}. Give a list of one number per unit."
        )
    return np.asarray(values, dtype=np.float64)


def _require_effect(effect: float) -> None:
    if not is_number(effect) or effect <= 0:
        raise InvalidInputError(
            f"A design `effect` must be above 0. Got {effect!r}. Give 1 where units are independent."
        )
