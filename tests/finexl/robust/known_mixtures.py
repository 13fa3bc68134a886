"""Embeddings with a known answer: orthogonal words, and shifts that are mixtures of them with noise of prompts."""

from collections.abc import Mapping

import numpy as np

from finexl.robust.evidence import Evidence
from finexl.robust.explaining import Embedded, explain_embedded
from finexl.robust.settings import RobustSettings

WIDTH = 40
WORDS = tuple(f"word{number:02d}" for number in range(20))
LENGTHS = np.linspace(0.5, 1.5, len(WORDS))
VECTORS = np.eye(len(WORDS), WIDTH) * LENGTHS[:, None]
"""Words are orthogonal; their vectors have lengths of their own."""


def evidence(amounts: Mapping[str, float], *, n: int = 40, noise: float = 0.0, seed: int = 0) -> Evidence:
    """Pairs whose tuned images have `amounts` of the words' vectors more, each pair with noise of its own."""
    chance = np.random.default_rng(seed)
    base = chance.normal(size=(n, WIDTH))
    shift = sum((amount * VECTORS[WORDS.index(word)] for word, amount in amounts.items()), np.zeros(WIDTH))
    return Evidence(base=base, tuned=base + shift + noise * chance.normal(size=(n, WIDTH)))


def explained(given: Evidence, words=WORDS, vectors=VECTORS, answers=(), **settings):
    embedded = Embedded(
        evidence=given, words=words, vectors=np.asarray(vectors), encoder="synthetic", answers=answers
    )
    return explain_embedded(embedded, RobustSettings(**settings))


def amounts(explanation) -> dict[str, float]:
    return {claim.concept: claim.amount for claim in explanation.changes}
