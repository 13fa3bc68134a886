"""The naive method of §5: ask a vision-language model for aspects and scores directly."""

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import assert_never

from finexl.discovery import ask_all, evenly_spread, interleaved
from finexl.errors import InvalidInputError
from finexl.interfaces import VLM, NoReply, Question, Reply, Task
from finexl.prompts import load
from finexl.replies import parse_concepts, read_concepts, without_fences
from finexl.values import ImagePairs, NoExplanation, ScoredConcept, ScoredExplanation

MAX_SCORE = 10
_OBJECT = re.compile(r"\{[^{}]*\}")
_SCORE = re.compile(r"(\d+(?:\.\d+)?)\s*(?:/\s*10)?")
_NAMES = ("aspect", "concept", "name", "style")


@dataclass(frozen=True, slots=True, kw_only=True)
class NaiveSettings:
    """How the naive method asks."""

    n_vlm_pairs: int = 8
    """How many pairs, spread evenly, the one question shows: as many as FineXL's VLM sees."""

    def __post_init__(self) -> None:
        if self.n_vlm_pairs < 1:
            raise InvalidInputError(f"`n_vlm_pairs` must be at least 1. Got {self.n_vlm_pairs!r}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class NaiveVLM:
    """Takes the aspects and scores that a vision-language model states, as they are."""

    vlm: VLM
    settings: NaiveSettings = field(default_factory=NaiveSettings)
    name: str = "naive"

    def explain(self, pairs: ImagePairs) -> ScoredExplanation | NoExplanation:
        """One question about several pairs, one list of scored aspects."""
        shown = evenly_spread(len(pairs), self.settings.n_vlm_pairs)
        question = Question(
            task=Task.SCORED_ASPECTS, text=load(Task.SCORED_ASPECTS), images=interleaved(pairs, shown)
        )
        (answer,) = ask_all(self.vlm, [question])
        match answer:
            case Reply():
                return read_scored_aspects(answer.text)
            case NoReply():
                return NoExplanation(reason=answer.reason, detail=answer.detail)
            case _:
                assert_never(answer)


def read_scored_aspects(text: str) -> ScoredExplanation | NoExplanation:
    """The scored aspects in a reply; entries without a name or with a score outside [0, 10] are left out."""
    body = without_fences(text)
    scores: dict[str, float] = {}
    for aspect, score in _entries(body):
        scores.setdefault(aspect, score)
    if scores:
        concepts = tuple(ScoredConcept(concept=aspect, score=score) for aspect, score in scores.items())
        return ScoredExplanation(concepts=concepts, notes={"n_vlm_calls": 1})
    return NoExplanation(reason=_reason(body), detail=text[:200])


def _reason(body: str) -> str:
    """Why there are no scored aspects: refused, empty ("[]", "no difference") or unparsable."""
    if re.search(r"\[\s*\]", body):
        return "empty"
    outcome = read_concepts(body).outcome
    return "unparsable" if outcome == "ok" else outcome


def _entries(body: str) -> Iterator[tuple[str, float]]:
    """Pairs of aspect and score, also from a list that was cut off or has text around it."""
    for found in _OBJECT.findall(body):
        try:
            entry = json.loads(found)
        except ValueError:
            continue
        yield from _read_object(entry)


def _read_object(entry: dict[str, object]) -> Iterator[tuple[str, float]]:
    """{"aspect": a, "score": s} is one pair; {a: s, b: t} is a pair for each key."""
    names = [entry[key] for key in _NAMES if isinstance(entry.get(key), str)]
    stated = [(names[0], entry.get("score"))] if names else list(entry.items())
    for name, score in stated:
        concepts, value = parse_concepts(str(name)), _number(score)
        if len(concepts) == 1 and value is not None:
            yield concepts[0], value


def _number(score: object) -> float | None:
    """A score in [0, 10], also from "8" and "8/10"; None for anything else."""
    if isinstance(score, str):
        matched = _SCORE.fullmatch(score.strip())
        score = float(matched[1]) if matched else None
    if isinstance(score, bool) or not isinstance(score, int | float):
        return None
    return float(score) if math.isfinite(score) and 0 <= score <= MAX_SCORE else None
