"""The claims of an explanation within the reading budget: what a person reads on a card."""

from collections.abc import Sequence
from math import isclose

from benchmark.read.lexicon import tokens
from benchmark.record.records import ReadClaim
from finexl.replies import visible_text

N_CLAIMS = 5
"""How many claims are read of every explanation, whoever made it; a word for several aspects is as many."""
_LARGEST = 1e300
"""Amounts beyond it count as it: sums and differences of those that are read must stay finite."""


def strongest(claims: Sequence[ReadClaim], n_claims: int | None) -> tuple[ReadClaim, ...]:
    """The strongest claims first, at most `n_claims` of them (None: all), whatever their order.

    A claim of nothing is none. The same words twice are one claim, the stronger, whatever their marks. Claims that are
    equally strong are read together or not at all: where the budget would part them, none of them is.
    """
    by_words: dict[tuple[str, ...], ReadClaim] = {}
    for claim in sorted(claims, key=lambda each: -abs(each.amount)):
        if claim.amount:
            by_words.setdefault(_words(claim.concept), _bounded(claim))
    ranked = list(by_words.values())
    read = within_budget(ranked, n_claims)
    if len(read) == len(ranked):
        return read
    left_out = abs(ranked[len(read)].amount)
    return tuple(each for each in read if not isclose(abs(each.amount), left_out, rel_tol=1e-9))


def within_budget(claims: Sequence[ReadClaim], n_claims: int | None) -> tuple[ReadClaim, ...]:
    """The claims, in the order given, up to the first that the budget has no place for (None: all).

    A word takes a place for every aspect that it names: five words for three aspects each would name half a world, and
    the same five said of every model would rank every second series. The first claim is read whatever it takes.
    """
    if n_claims is None:
        return tuple(claims)
    taken = 0
    for number, claim in enumerate(claims):
        taken += min(max(1, len(claim.aspects)), n_claims)
        if taken > n_claims:
            return tuple(claims[:number])
    return tuple(claims)


def _words(concept: str) -> tuple[str, ...]:
    shown = visible_text(concept)
    return tokens(shown) or tuple(shown.casefold().split())


def _bounded(claim: ReadClaim) -> ReadClaim:
    amount = max(-_LARGEST, min(_LARGEST, claim.amount))
    return claim if amount == claim.amount else claim.model_copy(update={"amount": amount})
