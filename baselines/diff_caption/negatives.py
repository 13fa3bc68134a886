"""Sentences that are hard to tell from the right one: the nearest others by TF-IDF, as in IDC-PCL's files."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Int

from finexl.errors import InvalidInputError

_AT_ONCE = 1000


def hard_negatives(captions: Sequence[str], n: int) -> Int[np.ndarray, "m n"]:
    """For each caption, positions of the `n` most similar captions that are worded differently, nearest first."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    distinct = sorted(set(captions))
    if len(distinct) <= n:
        raise InvalidInputError(
            f"Hard negatives must be chosen from more than {n} different captions. Got {len(distinct)}."
        )
    first_at = {caption: position for position, caption in reversed(list(enumerate(captions)))}
    vectors = TfidfVectorizer(token_pattern=r"\S+").fit_transform(distinct)
    nearest = np.empty((len(distinct), n), dtype=np.int64)
    for start in range(0, len(distinct), _AT_ONCE):
        alike = (vectors[start : start + _AT_ONCE] @ vectors.T).toarray()
        rows = np.arange(len(alike))
        alike[rows, start + rows] = -1
        nearest[start : start + _AT_ONCE] = np.argsort(-alike, axis=1, kind="stable")[:, :n]
    place = np.array([first_at[caption] for caption in distinct])
    row = {caption: number for number, caption in enumerate(distinct)}
    return place[nearest[[row[caption] for caption in captions]]]
