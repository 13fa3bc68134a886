"""Worlds with a known truth: how the worths of units are drawn, in [0, 1].

Units are independent, or are pairs of aspects of which some come several times, as in the benchmark's own plan.
"""

from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np
from jaxtyping import Float

from finetune.miniature.split import SCORED_PAIRS

Alone = Callable[[np.random.Generator, int], Float[np.ndarray, " n"]]
"""Draws the worths of so many independent units."""
Pairs = Sequence[tuple[str, str]]
Shared = Callable[[np.random.Generator, Pairs, int], Float[np.ndarray, "d n"]]
"""Draws the worths of pairs of aspects so many times; their mean is .5."""


def normal(rng: np.random.Generator, n: int) -> Float[np.ndarray, " n"]:
    """Worths around .5."""
    return rng.normal(0.5, 0.15, n)


def uniform(rng: np.random.Generator, n: int) -> Float[np.ndarray, " n"]:
    """Worths over the whole range."""
    return rng.random(n)


def choices(share: float, correlation: float) -> Alone:
    """Shares of six choices each, right with mean `share`; those of one unit are correlated."""
    weight = 1 / correlation - 1
    return lambda rng, n: rng.binomial(6, rng.beta(share * weight, (1 - share) * weight, n)) / 6


def all_or_nothing(share: float) -> Alone:
    """Units that are right or wrong."""
    return lambda rng, n: (rng.random(n) < share).astype(np.float64)


def told_or_not(rng: np.random.Generator, pairs: Pairs, n: int) -> Float[np.ndarray, "d n"]:
    """Worths for who can or cannot tell an aspect, wherever it comes."""
    return 0.25 + 0.25 * _of_aspects(rng, pairs, n, lambda size: rng.random(size) < 0.5)


def partly(rng: np.random.Generator, pairs: Pairs, n: int) -> Float[np.ndarray, "d n"]:
    """Half of what a pair is worth is its own."""
    told = _of_aspects(rng, pairs, n, lambda size: rng.random(size) < 0.5)
    return 0.25 + 0.125 * told + 0.25 * rng.random((n, len(pairs)))


def by_degrees(rng: np.random.Generator, pairs: Pairs, n: int) -> Float[np.ndarray, "d n"]:
    """Aspects are told more or less well."""
    told = _of_aspects(rng, pairs, n, lambda size: rng.normal(0, 0.07, size))
    return 0.5 + told + rng.normal(0, 0.1, (n, len(pairs)))


def of_choices(rng: np.random.Generator, pairs: Pairs, n: int) -> Float[np.ndarray, "d n"]:
    """Every pair by itself, in six choices."""
    return rng.binomial(6, rng.beta(2, 2, (n, len(pairs)))) / 6


def independent(rng: np.random.Generator, pairs: Pairs, n: int) -> Float[np.ndarray, "d n"]:
    """Every pair by itself."""
    return rng.normal(0.5, 0.15, (n, len(pairs)))


SHARED: dict[str, Shared] = {
    "aspects alone": told_or_not,
    "half aspects": partly,
    "aspects by degrees": by_degrees,
    "none, choices": of_choices,
    "none, normal": independent,
}
"""How much of a pair's worth comes from its aspects."""
DESIGNS: dict[str, Pairs] = {
    "scored pairs": SCORED_PAIRS,
    "the first 8": SCORED_PAIRS[:8],
    "all pairs of 6": tuple(combinations("abcdef", 2)),
}
"""Which pairs there are."""


def _of_aspects(
    rng: np.random.Generator, pairs: Pairs, n: int, draw: Callable[[tuple[int, int]], np.ndarray]
) -> Float[np.ndarray, "d n"]:
    """The sum over the two aspects of every pair."""
    names = sorted({name for pair in pairs for name in pair})
    each = draw((n, len(names))).astype(np.float64)
    first, second = (each[:, [names.index(pair[place]) for pair in pairs]] for place in (0, 1))
    return first + second
