"""Synonyms become one aspect with several names, by nothing but what the encoder makes of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64, Int

from finexl.orthogonality import BLIND_NORM


@dataclass(frozen=True, slots=True, kw_only=True)
class Aspect:
    """Something that an image can be more or less of, in all words for it."""

    names: tuple[str, ...]
    """The word nearest to the mean of all first, then the others by falling nearness."""
    vector: Float64[np.ndarray, " d"]
    """Mean of the words' vectors."""
    named: float = 0.0
    """The share of answers in which a vision-language model named one of the words."""


def aspects_of(
    words: Sequence[str],
    vectors: Float64[np.ndarray, "c d"],
    *,
    cosine: float,
    shown: Float64[np.ndarray, "c d"] | None = None,
) -> tuple[Aspect, ...]:
    """Aspects in alphabetical order of their first names, whatever the order of the words.

    Complete linkage: the most similar groups are united as long as every two of their words have at least `cosine` by
    their concept vectors (Eq. 6); an aspect's vector is the mean of what is `shown` of its words, by default the same.
    Words that the encoder does not see belong to none.
    """
    order = [row for row in sorted(range(len(words)), key=lambda row: words[row]) if _sees(vectors[row])]
    if not order:
        return ()
    names, rows = [words[row] for row in order], vectors[order]
    units = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    means = rows if shown is None else shown[order]
    found = [
        _aspect([names[i] for i in group], means[group], units[group]) for group in _groups(units, cosine)
    ]
    return tuple(sorted(found, key=lambda aspect: aspect.names[0]))


def _groups(units: Float64[np.ndarray, "c d"], cosine: float) -> list[list[int]]:
    """Groups of rows; only rows that a chain of near ones joins can meet in one, so that each such set goes alone."""
    # rounded, so that the last bit does not decide who is nearest
    near = np.round(units @ units.T, 9)
    first = _first_joined(near >= cosine)
    sets = [np.flatnonzero(first == number) for number in np.unique(first)]
    return [[int(own[i]) for i in group] for own in sets for group in _united(near[np.ix_(own, own)], cosine)]


def _first_joined(joined: Bool[np.ndarray, "c c"]) -> Int[np.ndarray, " c"]:
    """Of every row the first that a chain of joined ones leads to."""
    first = np.arange(len(joined))
    while True:
        nearer = np.minimum(first, np.where(joined, first, len(joined)).min(axis=1))
        nearer = nearer[nearer]  # what leads there leads on from there
        if (nearer == first).all():
            return first
        first = nearer


def _united(least: Float64[np.ndarray, "c c"], cosine: float) -> list[list[int]]:
    """`least` is the least cosine between rows of two groups."""
    groups = [[row] for row in range(len(least))]
    np.fill_diagonal(least, -np.inf)
    while len(groups) > 1:
        one, other = divmod(int(least.argmax()), len(groups))
        if least[one, other] < cosine:
            break
        one, other = min(one, other), max(one, other)
        groups[one] += groups.pop(other)
        least[one] = least[:, one] = np.minimum(least[one], least[other])
        least[one, one] = -np.inf
        least = np.delete(np.delete(least, other, axis=0), other, axis=1)
    return groups


def _aspect(
    names: Sequence[str], rows: Float64[np.ndarray, "w d"], units: Float64[np.ndarray, "w d"]
) -> Aspect:
    nearness = np.round(units @ units.mean(axis=0), 9)
    ranked = sorted(range(len(names)), key=lambda row: (-nearness[row], names[row]))
    return Aspect(names=tuple(names[row] for row in ranked), vector=rows.mean(axis=0))


def _sees(vector: Float64[np.ndarray, " d"]) -> bool:
    return float(np.linalg.norm(vector)) >= BLIND_NORM
