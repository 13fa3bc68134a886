"""What is kept of explaining a bundle, group by group, in the form in which an entry of a leaderboard holds it."""

import json
import unicodedata
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Literal

from benchmark.bundle.characters import MANY_MARKS, is_hidden, is_mark
from benchmark.bundle.manifest import OpaqueId
from benchmark.record.records import PASSING, Finite, Record, Strict
from finexl.notices import Notice, notice
from finexl.values import AnyExplanation, NoExplanation, ScoredExplanation, TextExplanation

if TYPE_CHECKING:
    from finexl.interfaces import Question

N_CLAIMS, LENGTH, CONCEPT, LARGEST = 200, 8_000, 200, 1e9
"""Claims of an explanation, characters of a text and of a concept, and size of a number that an entry may have."""


class Replied(Strict, frozen=True):
    """What a model that was asked replied."""

    trials: tuple[OpaqueId, ...]
    vlm: str
    question: str
    """Hash of the question with its images."""
    reply: str


class Answered(Strict, frozen=True):
    """What was said of one model, in the form of an entry's explanations."""

    trial: OpaqueId
    said: dict[str, Any]
    seconds: Finite


class GroupKey(Strict, frozen=True):
    """Who explained which group."""

    explainer_key: str
    group: OpaqueId
    bundle: str
    version: str
    """Version of the code that shows bundles and keeps answers."""


class ExplainedGroup(Record, frozen=True):
    """What an explainer said of a group of a bundle."""

    kind: Literal["frozen"] = "frozen"
    key: GroupKey
    answers: tuple[Answered, ...]
    replies: tuple[Replied, ...]
    vlm_tokens: int
    peak_memory_mb: Finite

    @property
    def n_failed(self) -> int:
        return sum(answer.said.get("reason") in PASSING for answer in self.answers)


def said_plainly(said: AnyExplanation) -> dict[str, Any]:
    """An explanation in the form of an entry, within its limits: of more claims than it holds the strongest."""
    match said:
        case ScoredExplanation(claims=claims, residual=residual):
            if len(claims) > N_CLAIMS:
                how = f"explanations cut to their {N_CLAIMS} strongest claims, as many as an entry holds"
                notice(Notice(what="entry", how=how))
            kept = {*sorted(range(len(claims)), key=lambda place: -abs(claims[place].amount))[:N_CLAIMS]}
            return {
                "kind": "claims",
                "claims": [
                    {
                        "concept": clean(claim.concept, lines=False)[:CONCEPT] or "?",
                        "amount": max(-LARGEST, min(LARGEST, float(claim.amount))),
                    }
                    for place, claim in enumerate(claims)
                    if place in kept
                ],
                "residual": None if residual is None else max(0.0, min(LARGEST, float(residual))),
            }
        case TextExplanation(text=text):
            if len(text) > LENGTH:
                notice(Notice(what="entry", how=f"texts cut to the {LENGTH} letters that an entry holds"))
            return {"kind": "text", "text": clean(text)}
        case NoExplanation(reason=reason, detail=detail):
            return {"kind": "failure", "reason": str(reason), "detail": clean(detail)}


def question_hash(question: "Question") -> str:
    """A hash of a question with its images."""
    facts = [str(question.task), question.text, [[image.mode, *image.size] for image in question.images]]
    total = sha256(json.dumps([*facts, question.schema], sort_keys=True, default=str).encode())
    for image in question.images:
        total.update(image.tobytes())
    return total.hexdigest()


def clean(text: str, *, lines: bool = True) -> str:
    """A text as an entry may hold it: in normal form, printed in full, without towers of marks, and not too long."""
    kept, marks = list[str](), 0
    for letter in unicodedata.normalize("NFC", text):
        marks = marks + 1 if is_mark(letter) else 0
        if (lines and letter in "\n\t") or letter == " ":
            kept.append(letter)
        elif unicodedata.category(letter)[0] in "CZ":
            kept.append(" ")
        elif not is_hidden(letter) and marks <= MANY_MARKS:
            kept.append(letter)
    return unicodedata.normalize("NFC", "".join(kept))[:LENGTH]
