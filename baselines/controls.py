"""Control rows: what a score is worth that knows nothing, or nothing but how far a model has moved, or every word."""

import hashlib
from dataclasses import dataclass

from finexl.concepts import concept_vectors
from finexl.discovery import evenly_spread
from finexl.divergence import divergence
from finexl.errors import InvalidInputError
from finexl.interfaces import Encoder
from finexl.orthogonality import projections
from finexl.template import ConceptTemplate
from finexl.values import Claim, ImagePairs, ScoredExplanation

N_PROMPTS = 8
"""Prompts over which f(C) of every word is averaged: with all of them a dictionary is many texts for a control."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomScores:
    """Scores drawn uniformly from [0, 1); equal for equal pairs, seed and concept, in any order."""

    concepts: tuple[str, ...]
    seed: int
    name: str = "random"

    def __post_init__(self) -> None:
        check_vocabulary(self.concepts)

    def explain(self, pairs: ImagePairs) -> ScoredExplanation:
        """Score every concept by a hash of the pairs' opaque id; no image is opened."""
        return _scored({concept: self._uniform(pairs.id, concept) for concept in self.concepts})

    def _uniform(self, id: str, concept: str) -> float:
        digest = hashlib.sha256(repr((self.seed, id, concept)).encode()).digest()
        return (int.from_bytes(digest[:8], "big") >> 11) / 2**53  # 53 bits are exact in a float


@dataclass(frozen=True, slots=True, kw_only=True)
class ConstantScores:
    """The same score for every concept of every model."""

    concepts: tuple[str, ...]
    score: float = 1.0
    name: str = "constant"

    def __post_init__(self) -> None:
        check_vocabulary(self.concepts)

    def explain(self, pairs: ImagePairs) -> ScoredExplanation:
        """Score every concept alike; no image is opened."""
        return _scored(dict.fromkeys(self.concepts, self.score))


@dataclass(frozen=True, slots=True, kw_only=True)
class DivergenceNorm:
    """‖V_div‖ as the score of every concept: how far a model has moved, without saying where."""

    encoder: Encoder
    concepts: tuple[str, ...]
    name: str = "divergence_norm"

    def __post_init__(self) -> None:
        check_vocabulary(self.concepts)

    def explain(self, pairs: ImagePairs) -> ScoredExplanation:
        """Score every concept by the length of V_div (Eq. 4)."""
        length = float(divergence(pairs, encoder=self.encoder).norm())
        return _scored(dict.fromkeys(self.concepts, length))


@dataclass(frozen=True, slots=True, kw_only=True)
class EveryWord:
    """Every word of the dictionary by the plain projection of V_div on its vector f(C) (Eq. 6), in FineXL's template.

    It is what is left of FineXL without a VLM, a filter and a joint fit. It claims every word, most of them falsely.
    """

    encoder: Encoder
    dictionary: tuple[str, ...]
    name: str = "every_word"

    def __post_init__(self) -> None:
        check_vocabulary(self.dictionary)

    def explain(self, pairs: ImagePairs) -> ScoredExplanation:
        """All words, the longest projection first; none where nothing changed."""
        v = divergence(pairs, encoder=self.encoder)
        if not v.any():
            return ScoredExplanation(claims=())
        prompts = [pairs.prompts[i] for i in evenly_spread(len(pairs), N_PROMPTS)]
        vectors = concept_vectors(self.dictionary, prompts, encoder=self.encoder, template=ConceptTemplate())
        amounts = dict(zip(self.dictionary, projections(v, vectors).tolist(), strict=True))
        return _scored(dict(sorted(amounts.items(), key=lambda one: (-abs(one[1]), one[0]))))


def check_vocabulary(concepts: tuple[str, ...]) -> None:
    """Raise unless there is at least one concept and none twice."""
    if not concepts or len(set(concepts)) != len(concepts):
        raise InvalidInputError(f"`concepts` must hold at least one name and none twice. Got {concepts!r}.")


def _scored(scores: dict[str, float]) -> ScoredExplanation:
    return ScoredExplanation(
        claims=tuple(Claim(concept=concept, amount=score) for concept, score in scores.items())
    )
