"""The claims of an explanation within the reading budget: what a person reads on a card."""

from collections.abc import Sequence
from math import isclose

from benchmark.record.records import ReadClaim

N_CLAIMS = 5
"""How many claims are read of every explanation, whoever made it."""


def strongest(claims: Sequence[ReadClaim], n_claims: int | None) -> tuple[ReadClaim, ...]:
    """The strongest claims first, at most `n_claims` of them (None: all), whatever their order.

    A claim of nothing is none. The same words twice are one claim, the stronger. Claims that are equally strong are
    read together or not at all: where the budget would part them, none of them is.
    """
    by_words: dict[tuple[str, ...], ReadClaim] = {}
    for claim in sorted(claims, key=lambda each: -abs(each.amount)):
        if claim.amount:
            by_words.setdefault(tuple(claim.concept.casefold().split()), claim)
    ranked = list(by_words.values())
    if n_claims is None or len(ranked) <= n_claims:
        return tuple(ranked)
    left_out = abs(ranked[n_claims].amount)
    return tuple(each for each in ranked[:n_claims] if not isclose(abs(each.amount), left_out, rel_tol=1e-9))
