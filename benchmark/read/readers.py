"""Readers: an explanation becomes claims about aspects, and a number for each aspect asked about (App. C).

The same reader and the same budget for every explainer. `LexiconReader` is the miniature's judge. It knows the closed
vocabulary of the world and of the corpus, and nothing else.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from hashlib import sha256
from math import isclose
from typing import Any, Protocol, assert_never, runtime_checkable

from benchmark.read.budget import N_CLAIMS, strongest, within_budget
from benchmark.read.lexicon import Lexicon
from benchmark.read.statements import BASES, Statement, statements
from benchmark.record.records import ReadClaim, Reading, plain
from finexl.code_version import code_version
from finexl.refusals import refuses_to_describe
from finexl.replies import visible_text
from finexl.values import AnyExplanation, Claim, NoExplanation, ScoredExplanation, TextExplanation

Readable = ScoredExplanation | TextExplanation
Shares = tuple[tuple[str, float], ...]
"""Aspects with their shares of an amount."""

_DETAIL_LENGTH = 500


@runtime_checkable
class Reader(Protocol):
    """Turns an explanation into claims and one number per aspect; it never sees images, ids or the truth."""

    @property
    def id(self) -> str:
        """Names the judge and everything that its answers depend on: vocabulary, budget and code."""
        ...

    def read_levels(
        self, explanation: Readable, aspects: Sequence[str], *, corpus_aspects: Sequence[str]
    ) -> Reading:
        """How much of each of `aspects` the explanation reports; `named` is one of `corpus_aspects`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """What a reader knows of words."""

    names: Mapping[str, Sequence[str]]
    """The words for each aspect; its own name need not be among them."""
    parts: Mapping[str, Shares] = field(default_factory=dict)
    """Composite styles with the aspects that they are made of; shares sum to 1."""

    @property
    def digest(self) -> str:
        """A hash of all of it, whatever the order."""
        names = {aspect: sorted(words) for aspect, words in self.names.items()}
        parts = {style: sorted(shares) for style, shares in self.parts.items()}
        return _digest({"names": names, "parts": parts})

    def shares(self, named: Sequence[str], known: Iterable[str]) -> Shares:
        """Which aspects count where words name `named`, in equal parts; `known` are those that can be asked about.

        Words of an aspect that is known name it alone, whatever else they mean. A composite style that is not known
        counts for its parts in their proportion: "vintage" for sepia, grain and vignetting.
        """
        asked = [aspect for aspect in named if aspect in known] or list(named)
        shares: dict[str, float] = {}
        for aspect in asked:
            for part, share in self.parts.get(aspect, ()) if aspect not in known else ():
                shares[part] = shares.get(part, 0.0) + share / len(asked)
            if aspect in known or aspect not in self.parts:
                shares[aspect] = shares.get(aspect, 0.0) + 1 / len(asked)
        return tuple(shares.items())

    def amounts(self, claim: ReadClaim) -> dict[str, float]:
        """What a claim says of every aspect: its shares, and for a composite style those of its parts too."""
        said: dict[str, float] = {}
        for aspect, share in claim.aspects:
            for part, of_part in ((aspect, 1.0), *self.parts.get(aspect, ())):
                said[part] = said.get(part, 0.0) + share * of_part * claim.amount
        return said


def read_each(
    reader: Reader, said: Sequence[AnyExplanation], aspects: Sequence[str], *, corpus_aspects: Sequence[str]
) -> tuple[Reading | None, ...]:
    """Readings of what was said, in its order, in text that files can hold; None where nothing was said."""
    return tuple(
        None
        if isinstance(explanation, NoExplanation)
        else _storable(reader.read_levels(explanation, aspects, corpus_aspects=corpus_aspects))
        for explanation in said
    )


def _storable(reading: Reading) -> Reading:
    told: dict[str, Any] = {
        "detail": plain(reading.detail)[:_DETAIL_LENGTH],
        "replies": tuple(map(plain, reading.replies)),
        "claims": tuple(
            claim.model_copy(update={"concept": plain(claim.concept)}) for claim in reading.claims
        ),
    }
    return reading.model_copy(update=told)


class LexiconReader:
    """The closed-vocabulary judge: an aspect is what one of its names says, whatever the inflection.

    Scored explanations: every concept is a claim with its score as the amount, less where its words name an absence
    ("less vivid"). One that names several aspects is as many claims, so that no list passes for a word. An aspect's
    value is the sum over the claims that were read: after a joint decomposition synonyms share the aspect's weight, and
    the largest of them alone would say more about how many synonyms were admitted than about the aspect.

    Text explanations: every aspect that is named is a claim, at its first mention and as strong as it is said to be
    anywhere; what is said of the base images counts, the other way, for aspects of which nothing is said of the
    personalized ones. Claims are read in order of mention. An aspect's value is the strongest claim about it: degrees
    do not add up.

    Silence says 0, of one aspect as of several; a text that refuses is no silence and is unreadable.
    """

    def __init__(
        self,
        names: Mapping[str, Sequence[str]],
        *,
        parts: Mapping[str, Shares] | None = None,
        n_claims: int | None = N_CLAIMS,
    ) -> None:
        """`names` and `parts` are those of `Vocabulary`; `n_claims` is how many claims are read, None for all."""
        self._vocabulary = Vocabulary(names=names, parts=parts or {})
        # the same words come for every model: a list of scores is often a whole dictionary
        self._statements = lru_cache(maxsize=10_000)(partial(statements, lexicon=Lexicon(names)))
        self._n_claims = n_claims
        code = code_version(f"{__name__}:LexiconReader")[:12]
        self._id = f"lexicon-{self._vocabulary.digest}-{n_claims or 'all'}-{code}"

    @property
    def id(self) -> str:
        return self._id

    def read_levels(
        self, explanation: Readable, aspects: Sequence[str], *, corpus_aspects: Sequence[str]
    ) -> Reading:
        known = {*corpus_aspects, *aspects}
        replies: tuple[str, ...] = ()
        match explanation:
            case ScoredExplanation(claims=said):
                claims = strongest(
                    [read for claim in said for read in self._read(claim, known)], self._n_claims
                )
            case TextExplanation(text=text):
                found = self._statements(text)
                if not found and refuses_to_describe(visible_text(text)):
                    return Reading(values=None, outcome="refused", detail=text)
                replies = tuple(f"{one.words}={one.amount:g}: {one.sentence!r}" for one in found)
                # degrees tie too often to rank by; what matters most is said first
                claims = within_budget(self._stated(found, known), self._n_claims)
            case _:
                assert_never(explanation)
        is_text = isinstance(explanation, TextExplanation)
        reading = reading_of(
            claims, aspects, vocabulary=self._vocabulary, corpus_aspects=corpus_aspects, is_text=is_text
        )
        return reading.model_copy(update={"replies": replies})

    def _read(self, claim: Claim, known: Iterable[str]) -> list[ReadClaim]:
        """A scored claim as one about each thing that it names; one that names nothing is a claim all the same."""
        found: dict[Shares, ReadClaim] = {}
        for one in self._statements(claim.concept):
            shares = self._vocabulary.shares(one.aspects, known)
            amount = claim.amount if one.direction > 0 else -claim.amount
            found.setdefault(shares, ReadClaim(concept=one.words, amount=amount, aspects=shares))
        match list(found.values()):
            case []:
                return [ReadClaim(concept=claim.concept, amount=claim.amount)]
            case [only]:
                return [only.model_copy(update={"concept": claim.concept})]
            case several:
                return several

    def _stated(self, found: Sequence[Statement], known: Iterable[str]) -> list[ReadClaim]:
        """What a text claims of each thing that it names, in order of mention."""
        about: dict[Shares, list[Statement]] = {}
        for one in found:
            about.setdefault(self._vocabulary.shares(one.aspects, known), []).append(one)
        claims = [
            ReadClaim(concept=said[0].words, amount=_amount(said), aspects=shares)
            for shares, said in about.items()
        ]
        return [claim for claim in claims if claim.amount]


def _amount(said: Sequence[Statement]) -> float:
    """How much of one thing several statements say there is."""
    ours = _most([one for one in said if not one.is_of_base])
    base = _most([one for one in said if one.is_of_base])
    if ours is None or base is None:
        found = ours or base
        return found.amount if found is not None else 0.0
    # "base 3, personalized 8" is a change of 5
    return ours.amount + base.amount if ours.basis == base.basis == "number" else ours.amount


def _most(said: Sequence[Statement]) -> Statement | None:
    """The strongest of those that say best how much: "vivid: 3/10. The vivid colors ..." says 3.

    A number says it better than words do, and these better than a mere mention; of no change nothing is said.
    """
    stated = [one for one in said if one.amount or one.basis == "number"]
    best = [one for one in stated if one.basis == min((each.basis for each in stated), key=BASES.index)]
    return max(best, key=lambda one: abs(one.amount)) if any(one.amount for one in best) else None


def reading_of(
    claims: Sequence[ReadClaim],
    aspects: Sequence[str],
    *,
    vocabulary: Vocabulary,
    corpus_aspects: Sequence[str],
    is_text: bool,
) -> Reading:
    """The reading of claims: a number for every aspect asked about, 0 where they are silent."""
    said = [vocabulary.amounts(claim) for claim in claims]
    every = dict.fromkeys([*aspects, *(aspect for amounts in said for aspect in amounts)])
    totals = {
        aspect: _total([amounts[aspect] for amounts in said if aspect in amounts], is_text=is_text)
        for aspect in every
    }
    return Reading(
        values=tuple(totals[aspect] for aspect in aspects),
        outcome="ok",
        named=foremost(totals, corpus_aspects),
        claims=tuple(claims),
    )


def _total(amounts: Sequence[float], *, is_text: bool) -> float:
    return max(amounts, key=abs, default=0.0) if is_text else float(sum(amounts))


def foremost(found: Mapping[str, float], corpus_aspects: Sequence[str]) -> str | None:
    """The aspect of the largest magnitude; None if there is none above zero, or if several share it."""
    sizes = {aspect: abs(value) for aspect, value in found.items() if aspect in corpus_aspects}
    largest = max(sizes.values(), default=0.0)
    names = [aspect for aspect, size in sizes.items() if isclose(size, largest, rel_tol=1e-9)]
    return names[0] if largest > 0 and len(names) == 1 else None


def _digest(value: Mapping[str, Any]) -> str:
    return sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:12]
