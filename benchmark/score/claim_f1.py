"""ClaimF1: whether an explanation says what was done to a model, all of it and nothing else."""

from math import comb
from typing import TYPE_CHECKING

from benchmark.score.claims import Answer, Levels, is_changed, judged
from benchmark.score.facts import MetricFacts, is_whole, late, share_facts
from finexl.errors import InvalidInputError

if TYPE_CHECKING:
    from benchmark.score.row_metric import ClaimF1 as ClaimF1

N_GUESSED = 5
"""Claims of a guess that the score is compared with: as many as are read."""


def claim_f1_facts(n_words: int) -> MetricFacts:
    """ClaimF1 in a vocabulary of `n_words` aspects, of which one is true."""
    return share_facts("claim_f1", claim_f1_chance(n_true=1, n_related=0, n_words=n_words))


def claim_f1(answer: Answer, levels: Levels) -> float:
    """F1 of one model's claims, in [0, 1]; 0 where unreadable.

    Precision is true / (true + false) claims, recall the share of true aspects that are claimed with the right sign.
    Silence about a model that nothing was done to is 1, anything else 0.
    """
    if not is_changed(levels):
        return float(answer.is_silent)
    true, false, found, n_true = judged(answer.said, levels)
    if not true:
        return 0.0
    precision, recall = true / (true + false), found / n_true
    return 2 * precision * recall / (precision + recall)


def claim_f1_chance(*, n_true: int, n_related: int, n_words: int, n_claims: int = N_GUESSED) -> float:
    """Expected ClaimF1 of an explainer that claims `n_claims` different aspects of `n_words` at random, all positive.

    Of the aspects `n_true` are true and `n_related` look like them. 0 where none is true: a guess is never silent.
    """
    is_counted = is_whole(n_true, least=0) and is_whole(n_related, least=0) and is_whole(n_words, least=1)
    if not is_counted or n_true + n_related > n_words:
        raise InvalidInputError(
            "A vocabulary must hold the true aspects and those related to them, and at least one. "
            f"Got {n_words!r} words, {n_true!r} true and {n_related!r} related. Give whole numbers."
        )
    if not is_whole(n_claims, least=1):
        raise InvalidInputError(
            f"A guess must claim at least one aspect. Got {n_claims!r}. Give a whole number."
        )
    n_claims, n_false = min(n_claims, n_words), n_words - n_true - n_related
    total = 0.0
    for hits in range(1, min(n_true, n_claims) + 1):
        for related in range(min(n_related, n_claims - hits) + 1):
            misses = n_claims - hits - related
            ways = comb(n_true, hits) * comb(n_related, related) * comb(n_false, misses)
            total += ways * 2 * hits / (hits + misses + n_true)
    return total / comb(n_words, n_claims)


def __getattr__(name: str) -> object:
    return late("ClaimF1", name, module=__name__)
