"""Readers: an explanation and a question become numbers (App. C); the same reader for every explainer.

`LexiconReader` is the miniature's judge. It knows the closed vocabulary of the corpus and nothing else.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from math import isclose
from typing import Literal, Protocol, assert_never, get_args, runtime_checkable

from benchmark.read.degrees import clauses, degree
from benchmark.read.lexicon import Lexicon
from finexl.code_version import code_version
from finexl.values import Explanation, NoExplanation, ScoredConcept, ScoredExplanation, TextExplanation

Outcome = Literal["ok", "refused", "empty", "unparsable", "timeout", "failed", "unmatched"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a reader made of one explanation."""

    values: tuple[float, ...] | None
    """One number per aspect asked about, or None (unreadable)."""
    outcome: Outcome
    """`ok`, or why there are no values."""
    detail: str = ""
    named: str | None = None
    """The aspect of the corpus that the explanation names foremost; None if none, or if several tie."""
    replies: tuple[str, ...] = ()
    """The judge's raw lines."""


@runtime_checkable
class Reader(Protocol):
    """Turns an explanation into one number per aspect; it never sees images, ids or the truth."""

    @property
    def id(self) -> str:
        """Names the judge and everything that its answers depend on."""
        ...

    def read_levels(
        self, explanation: Explanation, aspects: Sequence[str], *, corpus_aspects: Sequence[str]
    ) -> Reading:
        """How much of each of `aspects` the explanation reports; `named` is one of `corpus_aspects`."""
        ...


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
        self, explanation: Explanation, aspects: Sequence[str], *, corpus_aspects: Sequence[str]
    ) -> Reading:
        match explanation:
            case NoExplanation(reason=reason, detail=detail):
                return Reading(values=None, outcome=outcome_of(reason), detail=detail)
            case ScoredExplanation(concepts=concepts):
                found, replies = self._sums(concepts), ()
            case TextExplanation(text=text):
                found, replies = self._degrees(text)
            case _:
                assert_never(explanation)
        reading = Reading(
            values=None, outcome="unmatched", named=foremost(found, corpus_aspects), replies=replies
        )
        if len(aspects) == 1 and aspects[0] not in found:
            return replace(reading, detail=f"No concept names {aspects[0]!r}.")
        return replace(reading, values=tuple(found.get(aspect, 0.0) for aspect in aspects), outcome="ok")

    def _sums(self, concepts: Sequence[ScoredConcept]) -> dict[str, float]:
        sums: dict[str, float] = {}
        for concept in concepts:
            signs = {
                mention.aspect: -1.0 if mention.negated else 1.0
                for mention in self._lexicon.mentions(concept.concept)
            }
            for aspect, sign in signs.items():
                sums[aspect] = sums.get(aspect, 0.0) + sign * concept.score
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


def outcome_of(reason: str) -> Outcome:
    """The outcome of an explainer's typed failure; an unknown reason is a failure too."""
    known = {outcome: outcome for outcome in get_args(Outcome) if outcome not in ("ok", "unmatched")}
    return known.get(reason, "failed")


def _digest(names: Mapping[str, Sequence[str]]) -> str:
    canonical = json.dumps({aspect: sorted(words) for aspect, words in names.items()}, sort_keys=True)
    return sha256(canonical.encode()).hexdigest()[:12]
