"""The naive method of §5: ask a vision-language model for aspects and scores directly."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import assert_never

from baselines.settings import NaiveSettings
from finexl.discovery import ask_all, evenly_spread, interleaved
from finexl.interfaces import VLM, NoReply, Question, Reply, Task
from finexl.prompts import load
from finexl.replies import is_cut, json_values, mended, parse_concepts, read_concepts, visible_text
from finexl.values import Claim, ImagePairs, NoExplanation, ScoredExplanation

MAX_SCORE = 10
_NAMES = ("aspect", "concept", "name", "style", "property", "attribute", "adjective", "label")
_SCORES = ("score", "rating", "strength", "intensity", "value", "level", "degree", "magnitude", "points")
_KINDS = (*_NAMES, *_SCORES, "style_aspect", "style_difference", "difference", "result", "answer", "item")
_HOLDERS = {*_KINDS, *(f"{kind}s" for kind in _KINDS), "properties", "output", "response", "data", "list"}
"""Keys whose object or list holds aspects; below any other key only an object that names its aspect is read."""
_NO_NAMES = re.compile(
    r"id|index|rank|number|code|status|error|pair|images?|min|max|minimum|maximum|count|scale|confidence|reason|reasoning|why|"
    r"explanation|description|comment|notes?|(?:total|overall|average|mean|sum)\b.*|.* (?:score|rating)|"
    r"(?:\w+ )?(?:#|no\.? ?)?\d+"
)
"""What a form or a count says beside aspects: "overall", "pair 3"."""
_THOUGHTS = re.compile(r"think(?:ing)?|thoughts?(?:_process)?|reasoning|rationale|scratchpad|reflection")
"""Keys below which a model thinks."""
_SCORE = re.compile(r"(\d+(?:\.\d+)?)\s*(?:(?:/|out of)\s*10(?:\.0)?)?")
_LINE = re.compile(
    r"(?:[-+•–]\s+|\(?\d{1,2}[.)]\s+)?(?P<name>(?![Tt]he\b)[^\W\d][^:=|()\n]{0,60}?)\s*"
    rf"(?::|=|\(|\s[-–—]\s|(?=\s\d+(?:\.\d+)?\s*(?:/|out of)))\s*(?P<score>{_SCORE.pattern})\s*\)?"
    r"(?!\s*(?:[-–—]|to|or)\s*\d)(?:[.:]?\s*|[.:]?\s+[-–—(].*|[.:]\s.*)"
)
"""One aspect with its score, and perhaps a bullet before and a reason behind."""
_MAX_DEPTH = 6


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
    """The scored aspects in a reply; entries without a name or with a score outside [0, 10] are left out.

    An empty list is an answer: nothing differs.
    """
    body = visible_text(text)
    if is_cut(body):
        return NoExplanation(reason="cut", detail=text[:200])
    scores: dict[str, float] = {}
    for aspect, score in _entries(body):
        scores.setdefault(aspect, score)
    if scores:
        concepts = tuple(Claim(concept=aspect, amount=score) for aspect, score in scores.items())
        return ScoredExplanation(claims=concepts, notes={"n_vlm_calls": 1})
    if (reason := _reason(body)) is None:
        return ScoredExplanation(claims=(), notes={"n_vlm_calls": 1})
    return NoExplanation(reason=reason, detail=text[:200])


def _reason(body: str) -> str | None:
    """Why there are no scored aspects: refused, empty or unparsable; None if there is none ("[]", "no difference")."""
    if re.search(r"\[\s*\]", body):
        return None
    outcome = read_concepts(body).outcome
    return {"ok": "unparsable", "none": None}.get(outcome, outcome)


def _entries(body: str) -> Iterator[tuple[str, float]]:
    """Pairs of aspect and score: from JSON, also cut off or with text around it, else from Python, lines or a table."""
    stated = [pair for value in json_values(body) for pair in _stated(value)]
    if not stated:
        stated = [pair for value in json_values(mended(body)) for pair in _stated(value)]
    if "{" not in body and not stated and read_concepts(body).outcome != "refused":
        stated = [pair for line in body.splitlines() for pair in _read_line(line)]
    for name, score in stated:
        concepts, value = parse_concepts(name), _number(score)
        if len(concepts) == 1 and value is not None and not _is_no_name(concepts[0]):
            yield concepts[0], value


def _stated(value: object, *, keyed: bool = True, depth: int = _MAX_DEPTH) -> Iterator[tuple[str, object]]:
    """{"aspect": a, "score": s} is one pair; {a: s, b: {"score": t}} a pair for each key, where `keyed`."""
    if depth == 0:
        return
    match value:
        case [str(name), int() | float() | str() as score]:
            if _number(score) is not None:
                yield name, score
        case list():
            for each in value:
                yield from _stated(each, keyed=keyed, depth=depth - 1)
        case dict():
            entry = {str(key).strip().casefold(): inner for key, inner in value.items()}
            if (name := _named(entry)) is not None:
                yield name, _first(entry, _SCORES)
                return
            for key, inner in entry.items():
                if _THOUGHTS.fullmatch(key):
                    continue
                yield from _below(key, inner, keyed=keyed, depth=depth)
        case _:
            pass


def _below(key: str, inner: object, *, keyed: bool, depth: int) -> Iterator[tuple[str, object]]:
    """What one key of an object that names no aspect itself states."""
    scored = (
        {str(name).strip().casefold(): score for name, score in inner.items()}
        if isinstance(inner, dict)
        else {}
    )
    if keyed and key not in _HOLDERS and _named(scored) is None and _first(scored, _SCORES) is not None:
        yield key, _first(scored, _SCORES)
    elif isinstance(inner, list | dict):
        yield from _stated(inner, keyed=keyed and key in _HOLDERS, depth=depth - 1)
    elif keyed:
        yield key, inner


def _named(entry: Mapping[str, object]) -> str | None:
    name = _first(entry, _NAMES)
    return name if isinstance(name, str) and _number(name) is None else None


def _first(entry: Mapping[str, object], keys: Sequence[str]) -> object:
    return next((entry[key] for key in keys if entry.get(key) is not None), None)


def _read_line(line: str) -> Iterator[tuple[str, object]]:
    """`1. **Vivid**: 8 out of 10`, `vivid: 8, grainy: 3` or a table's row with one number behind the name."""
    plain = re.sub(r"[*_`\"]", "", line).strip()
    cells = [cell.strip() for cell in plain.strip("|").split("|")]
    names = [i for i, cell in enumerate(cells) if any(map(str.isalpha, cell)) and _number(cell) is None]
    if len(cells) > 1 and names:
        scores = [cell for cell in cells[names[0] + 1 :] if any(map(str.isdigit, cell))]
        if len(scores) == 1:
            yield cells[names[0]], scores[0]
        return
    for part in re.split(r";\s*|,\s+(?=[^\W\d])", plain):
        if found := _LINE.fullmatch(part.strip()):
            yield found["name"], found["score"]


def _is_no_name(concept: str) -> bool:
    """Whether a word is a field of the form or a count, and no aspect."""
    return bool(concept in _HOLDERS or _NO_NAMES.fullmatch(concept))


def _number(score: object) -> float | None:
    """A score in [0, 10], also from "8", "8/10" and "8 out of 10"; None for anything else."""
    if isinstance(score, str):
        matched = _SCORE.fullmatch(score.strip())
        score = float(matched[1]) if matched else None
    if isinstance(score, bool) or not isinstance(score, int | float):
        return None
    return float(score) if 0 <= score <= MAX_SCORE else None  # NaN is in no range
