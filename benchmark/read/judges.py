"""The judge of App. C: a language model that turns explanations into levels, told the text and the aspects alone.

Free text: it states a level from 1 to 10 for each aspect that can be named, below zero where the text says that there
is less of it than in the base images; every level is a claim. Scored explanations keep their scores: the judge only
says which aspect each concept names, of the concepts within the reading budget.

A judge that fails, refuses or answers in no form that was asked for is an outcome of the reading, never a level.
Explanations are strangers' words: they are marked off as data, answers are held to a schema, and whatever does not
fit it exactly is refused.
"""

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple, assert_never

from benchmark.read.budget import N_CLAIMS, strongest, within_budget
from benchmark.read.lexicon import tokens
from benchmark.read.polarity import direction, operators
from benchmark.read.readers import Readable, Shares, Vocabulary, reading_of
from benchmark.record.records import Outcome, ReadClaim, Reading, outcome_of
from finexl.code_version import code_version
from finexl.prompts import fill, load
from finexl.values import Claim, ScoredExplanation, TextExplanation

if TYPE_CHECKING:
    from finexl.interfaces import VLM, NoReply, Question, Reply

TOP = 10
NONE = "none"
_NUMBER = re.compile(r"\s*(-?\d{1,2}(?:\.\d+)?)\s*(?:/\s*10)?\s*\.?\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why a judge's reply says nothing."""

    outcome: Outcome
    detail: str


class _Read(NamedTuple):
    """What was made of an explanation, and what the judge replied."""

    claims: tuple[ReadClaim, ...] | Fault
    replies: tuple[str, ...]


class VLMJudge:
    """Reads explanations with a language model (see `Reader`)."""

    def __init__(
        self,
        open_vlm: "Callable[[], VLM]",
        *,
        identity: Mapping[str, Any],
        names: Mapping[str, Sequence[str]],
        parts: Mapping[str, Shares] | None = None,
        n_claims: int | None = N_CLAIMS,
    ) -> None:
        """`identity` is all that the model's answers depend on; `names` and `parts` are those of `Vocabulary`."""
        self._open_vlm = open_vlm
        self._vlm: VLM | None = None
        self._names = {aspect: tuple(words) for aspect, words in names.items()}
        self._vocabulary = Vocabulary(names=self._names, parts=parts or {})
        self._n_claims = n_claims
        facts = {
            "vlm": dict(identity),
            "words": list(self._names.items()),  # the order in which aspects are listed is part of a question
            "vocabulary": self._vocabulary.digest,
            "n_claims": n_claims,
            "code": code_version(f"{__name__}:VLMJudge"),
        }
        self._id = f"gpt_judge-{sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:12]}"
        self._matched: dict[tuple[str, tuple[str, ...]], Reply | NoReply] = {}

    @property
    def id(self) -> str:
        return self._id

    def read_levels(
        self, explanation: Readable, aspects: Sequence[str], *, corpus_aspects: Sequence[str]
    ) -> Reading:
        """Levels of `aspects`, 0 of those that the explanation does not mention."""
        every = tuple(dict.fromkeys([*corpus_aspects, *aspects, *self._names]))
        known = {*corpus_aspects, *aspects}
        match explanation:
            case TextExplanation(text=text):
                claims, replies = self._read_text(text, every, known)
            case ScoredExplanation(claims=said):
                claims, replies = self._read_scores(said, every, known)
            case _:
                assert_never(explanation)
        if isinstance(claims, Fault):
            return _unread(claims, replies)
        is_text = isinstance(explanation, TextExplanation)
        reading = reading_of(
            claims, aspects, vocabulary=self._vocabulary, corpus_aspects=corpus_aspects, is_text=is_text
        )
        return reading.model_copy(update={"replies": replies})

    def _read_text(self, text: str, every: tuple[str, ...], known: set[str]) -> _Read:
        answers = self._ask([self._judging(text, every)])
        levels = _levels(answers[0], every)
        if isinstance(levels, Fault):
            return _Read(levels, _texts(answers))
        claims = [
            ReadClaim(concept=aspect, amount=level, aspects=self._vocabulary.shares((aspect,), known))
            for aspect, level in levels.items()
            if level is not None
        ]
        return _Read(strongest(claims, self._n_claims), _texts(answers))

    def _read_scores(self, said: Sequence[Claim], every: tuple[str, ...], known: set[str]) -> _Read:
        stated = [ReadClaim(concept=one.concept, amount=one.amount) for one in said]
        read = strongest(stated, self._n_claims)
        answers = self._matches([claim.concept for claim in read], every)
        claims = []
        for claim, answer in zip(read, answers, strict=True):
            aspect = _match(answer, every)
            if isinstance(aspect, Fault):
                return _Read(aspect, _texts(answers))
            shares = () if aspect is None else self._vocabulary.shares((aspect,), known)
            sign = 1.0 if direction(operators(tokens(claim.concept))) > 0 else -1.0
            claims.append(claim.model_copy(update={"amount": sign * claim.amount, "aspects": shares}))
        return _Read(within_budget(claims, self._n_claims), _texts(answers))

    def _matches(self, concepts: Sequence[str], every: tuple[str, ...]) -> list["Reply | NoReply"]:
        """What each concept names; a concept that was matched before is not asked about again."""
        from finexl.interfaces import Reply

        new = [
            concept
            for concept in dict.fromkeys(concepts)
            if not isinstance(self._matched.get((concept, every)), Reply)
        ]
        answers = self._ask([self._matching(concept, every) for concept in new])
        self._matched |= {(concept, every): answer for concept, answer in zip(new, answers, strict=True)}
        return [self._matched[concept, every] for concept in concepts]

    def _ask(self, questions: "Sequence[Question]") -> "tuple[Reply | NoReply, ...]":
        from finexl.discovery import ask_all

        if not questions:
            return ()
        if self._vlm is None:
            self._vlm = self._open_vlm()
        return ask_all(self._vlm, questions)

    def _judging(self, text: str, aspects: Sequence[str]) -> "Question":
        from finexl.interfaces import Question, Task

        form = json.dumps(dict.fromkeys(aspects, "<-10 to 10, or null>"), ensure_ascii=False)
        asked = fill(
            load("judge"),
            aspects=self._listed(aspects),
            explanation=text,
            mark=_mark(text),
            form=form.replace('"<', "<").replace('>"', ">"),
        )
        level = {"type": ["number", "null"]}
        return Question(task=Task.JUDGE, text=asked, schema=_object(dict.fromkeys(aspects, level)))

    def _matching(self, words: str, aspects: Sequence[str]) -> "Question":
        from finexl.interfaces import Question, Task

        asked = fill(load("match"), aspects=self._listed(aspects), words=words, mark=_mark(words))
        choice = {"type": "string", "enum": [*aspects, NONE]}
        return Question(task=Task.MATCH, text=asked, schema=_object({"aspect": choice}))

    def _listed(self, aspects: Sequence[str]) -> str:
        others = {
            aspect: [word for word in self._names.get(aspect, ()) if word != aspect] for aspect in aspects
        }
        return "\n".join(
            f"{aspect}: {', '.join(words)}" if words else aspect for aspect, words in others.items()
        )


def _unread(fault: Fault, replies: tuple[str, ...]) -> Reading:
    return Reading(values=None, outcome=fault.outcome, detail=f"The judge: {fault.detail}", replies=replies)


def _levels(answer: "Reply | NoReply", aspects: Sequence[str]) -> dict[str, float | None] | Fault:
    """The level of every aspect asked about, None where the explanation says nothing about it."""
    text = _said(answer)
    if isinstance(text, Fault):
        return text
    if len(aspects) == 1 and (number := _NUMBER.fullmatch(text)) and abs(float(number[1])) <= TOP:
        return {aspects[0]: float(number[1])}
    for stated in _objects(text):
        levels = {aspect: _level(stated.get(aspect.casefold(), "missing")) for aspect in aspects}
        faults = [level for level in levels.values() if isinstance(level, Fault)]
        if len(stated) == len(levels) and not faults:
            return {aspect: level for aspect, level in levels.items() if not isinstance(level, Fault)}
    return _misread(text)


def _level(stated: object) -> float | Fault | None:
    """A level in [-10, 10], also from "7" and "7/10"; None for null."""
    if isinstance(stated, str) and (number := _NUMBER.fullmatch(stated)):
        stated = float(number[1])
    if stated is None:
        return None
    if isinstance(stated, bool) or not isinstance(stated, int | float) or not math.isfinite(stated):
        return Fault(outcome="unparsable", detail=f"{stated!r} is no level")
    return (
        float(stated) if abs(stated) <= TOP else Fault(outcome="unparsable", detail=f"{stated!r} is no level")
    )


def _match(answer: "Reply | NoReply", aspects: Sequence[str]) -> str | Fault | None:
    """The aspect that was named; None for none of them."""
    text = _said(answer)
    if isinstance(text, Fault):
        return text
    known: dict[str, str | None] = {aspect.casefold(): aspect for aspect in aspects}
    known.setdefault(NONE, None)
    stated = [found["aspect"] for found in _objects(text) if found.keys() == {"aspect"}] or [text]
    chosen = stated[-1].strip(" \t\n\"'`.*").casefold() if isinstance(stated[-1], str) else ""
    return known[chosen] if chosen in known else _misread(text)


def _said(answer: "Reply | NoReply") -> str | Fault:
    from finexl.interfaces import Reply
    from finexl.replies import without_fences

    if isinstance(answer, Reply):
        return without_fences(answer.text)
    return Fault(outcome=outcome_of(answer.reason), detail=f"{answer.reason}. {answer.detail}")


def _misread(text: str) -> Fault:
    """Why a reply is of no use: a refusal, nothing at all, or another form than was asked for."""
    from finexl.replies import read_concepts

    found = read_concepts(text).outcome
    outcome: Outcome = (
        outcome_of(found) if found in ("refused", "cut") else "unparsable" if text.strip() else "empty"
    )
    return Fault(outcome=outcome, detail=f"{outcome} reply {text[:200]!r}")


def _objects(text: str) -> list[dict[str, Any]]:
    """The JSON objects in a text, with lower-case keys; of one that states a key twice, none."""
    decoder = json.JSONDecoder(object_pairs_hook=_unambiguous)
    found, start = [], text.find("{")
    while start >= 0:
        try:
            value, end = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            value, end = None, start + 1
        if isinstance(value, dict) and value:
            found.append(value)
        start = text.find("{", end)
    return found


def _unambiguous(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    stated = {key.strip().casefold(): value for key, value in pairs}
    return stated if len(stated) == len(pairs) else {}


def _object(properties: Mapping[str, object]) -> dict[str, object]:
    required = list(properties)
    return {
        "type": "object",
        "properties": dict(properties),
        "required": required,
        "additionalProperties": False,
    }


def _mark(text: str) -> str:
    """A line that the text cannot contain: made from its own hash."""
    return f"=== {sha256(text.encode('utf-8', 'replace')).hexdigest()[:16]} ==="


def _texts(answers: "Sequence[Reply | NoReply]") -> tuple[str, ...]:
    from finexl.interfaces import Reply

    return tuple(answer.text for answer in answers if isinstance(answer, Reply))
