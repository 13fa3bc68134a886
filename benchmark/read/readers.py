"""Readers: an explanation and a question become numbers (App. C); the same reader for every explainer.

`LexiconReader` is the miniature's judge. It knows the closed vocabulary of the corpus and nothing else.
"""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from math import isclose
from typing import Protocol, assert_never, runtime_checkable

from benchmark.read.degrees import clauses, degree
from benchmark.read.lexicon import Lexicon
from benchmark.record.records import Reading, plain
from finexl.code_version import code_version
from finexl.values import Claim, Explanation, NoExplanation, ScoredExplanation, TextExplanation

Readable = ScoredExplanation | TextExplanation

_DETAIL_LENGTH = 500


@runtime_checkable
class Reader(Protocol):
    """Turns an explanation into one number per aspect; it never sees images, ids or the truth."""

    @property
    def id(self) -> str:
        """Names the judge and everything that its answers depend on."""
        ...

    def read_levels(
        self, explanation: Readable, aspects: Sequence[str], *, corpus_aspects: Sequence[str]
    ) -> Reading:
        """How much of each of `aspects` the explanation reports; `named` is one of `corpus_aspects`."""
        ...


def read_each(
    reader: Reader, said: Sequence[Explanation], aspects: Sequence[str], *, corpus_aspects: Sequence[str]
) -> tuple[Reading | None, ...]:
    """Readings of what was said, in its order, in text that files can hold; None where nothing was said."""
    return tuple(
        None
        if isinstance(explanation, NoExplanation)
        else _storable(reader.read_levels(explanation, aspects, corpus_aspects=corpus_aspects))
        for explanation in said
    )


def _storable(reading: Reading) -> Reading:
    told = {"detail": plain(reading.detail)[:_DETAIL_LENGTH], "replies": tuple(map(plain, reading.replies))}
    return reading.model_copy(update=told)


def reading_of(
    found: Mapping[str, float],
    aspects: Sequence[str],
    *,
    named: str | None,
    replies: tuple[str, ...],
    missing: str,
) -> Reading:
    """The reading of what was found: of several aspects, one that is not among it is 0; a single one has none.

    `missing` says so, before the aspect.
    """
    if len(aspects) == 1 and aspects[0] not in found:
        detail = f"{missing} {aspects[0]!r}."
        return Reading(values=None, outcome="unmatched", detail=detail, named=named, replies=replies)
    values = tuple(found.get(aspect, 0.0) for aspect in aspects)
    return Reading(values=values, outcome="ok", named=named, replies=replies)


class LexiconReader:
    """The closed-vocabulary judge: an aspect is what one of its names says, whatever the inflection.

    Scored explanations: an aspect's value is the sum of the scores of the concepts that name it. After a
    joint decomposition synonyms share the aspect's weight, so the largest of them alone would say more about
    how many synonyms were admitted than about the aspect. A concept that names an absence ("less vivid")
    counts negatively.

    Text explanations: an aspect's value is the 1..10 level that its clause states, in digits ("7/10") or by
    degree ("slightly", "very"); 0 where the text denies it; the strongest clause counts.

    With one aspect the question is "how much of it", and an explanation that does not name it gives no answer
    (`unmatched`). With several the question is "which of them, and how much", and silence says 0.
    """

    def __init__(self, names: Mapping[str, Sequence[str]]) -> None:
        """Keep the synonyms of every aspect of the corpus; an aspect's own name need not be among them."""
        self._lexicon = Lexicon(names)
        self._id = f"lexicon-{_digest(names)}-{code_version(f'{__name__}:LexiconReader')[:12]}"

    @property
    def id(self) -> str:
        return self._id

    def read_levels(
        self, explanation: Readable, aspects: Sequence[str], *, corpus_aspects: Sequence[str]
    ) -> Reading:
        match explanation:
            case ScoredExplanation(claims=claims):
                found, replies = self._sums(claims), ()
            case TextExplanation(text=text):
                found, replies = self._degrees(text)
            case _:
                assert_never(explanation)
        named = foremost(found, corpus_aspects)
        return reading_of(found, aspects, named=named, replies=replies, missing="No concept names")

    def _sums(self, claims: Sequence[Claim]) -> dict[str, float]:
        sums: dict[str, float] = {}
        for claim in claims:
            signs = {
                mention.aspect: -1.0 if mention.negated else 1.0
                for mention in self._lexicon.mentions(claim.concept)
            }
            for aspect, sign in signs.items():
                sums[aspect] = sums.get(aspect, 0.0) + sign * claim.amount
        return sums

    def _degrees(self, text: str) -> tuple[dict[str, float], tuple[str, ...]]:
        levels: dict[str, float] = {}
        replies: list[str] = []
        for clause in clauses(text):
            strength = float(degree(clause))
            said = {
                (mention.aspect, 0.0 if mention.negated else strength): None
                for mention in self._lexicon.mentions(clause)
            }
            for aspect, level in said:
                levels[aspect] = max(level, levels.get(aspect, 0.0))
                replies.append(f"{aspect}={level:g}: {clause!r}")
        return levels, tuple(replies)


def foremost(found: Mapping[str, float], corpus_aspects: Sequence[str]) -> str | None:
    """The aspect of the largest magnitude; None if there is none above zero, or if several share it."""
    sizes = {aspect: abs(value) for aspect, value in found.items() if aspect in corpus_aspects}
    largest = max(sizes.values(), default=0.0)
    names = [aspect for aspect, size in sizes.items() if isclose(size, largest, rel_tol=1e-9)]
    return names[0] if largest > 0 and len(names) == 1 else None


def _digest(names: Mapping[str, Sequence[str]]) -> str:
    canonical = json.dumps({aspect: sorted(words) for aspect, words in names.items()}, sort_keys=True)
    return sha256(canonical.encode()).hexdigest()[:12]
