"""What an explainer said, in plain values that travel between processes, and whether two answers are the same."""

from collections.abc import Iterable, Sequence
from typing import Any, assert_never

from finexl.values import Explanation, NoExplanation, ScoredExplanation, TextExplanation

Answer = dict[str, Any]
"""One explanation in JSON values, without its notes: no reader sees them."""

TOLERANCE = 1e-4
"""Scores count as equal up to this share of the largest one: sums taken in another order differ by less."""


def answers_of(explanations: Iterable[Explanation]) -> list[Answer]:
    """The explanations in plain values."""
    return [_answer(each) for each in explanations]


def _answer(explanation: Explanation) -> Answer:
    match explanation:
        case ScoredExplanation():
            concepts = [[one.concept, one.score] for one in explanation.concepts]
            return {"kind": "scored", "concepts": concepts, "residual": explanation.residual}
        case TextExplanation():
            return {"kind": "text", "text": explanation.text}
        case NoExplanation():
            return {"kind": "none", "reason": explanation.reason, "detail": explanation.detail}
        case _:
            assert_never(explanation)


def says_something(answer: Answer) -> bool:
    """Whether an answer explains anything."""
    return bool(answer.get("concepts") or answer.get("text", "").strip())


def largest_score(answer: Answer) -> float:
    """The size of the largest score; 0 where nothing is scored."""
    return max((abs(score) for _, score in answer.get("concepts", [])), default=0.0)


def words_of(answers: Iterable[Answer]) -> str:
    """Everything that was said, lower case."""
    said = (
        " ".join([answer.get("text", ""), *(str(concept) for concept, _ in answer.get("concepts", []))])
        for answer in answers
    )
    return "\n".join(said).lower()


def in_words(answer: Answer) -> str:
    """An answer in a few words for people."""
    match answer["kind"]:
        case "scored":
            scored = [f"{concept} {score:.3g}" for concept, score in answer["concepts"][:3]]
            more = len(answer["concepts"]) - len(scored)
            return f"({', '.join(scored) or 'no concept'}{f' and {more} more' if more > 0 else ''})"
        case "text":
            return repr(answer["text"][:60])
        case _:
            return f"nothing ({answer['reason']})"


def difference(first: Sequence[Answer], second: Sequence[Answer]) -> str | None:
    """The first difference between two lists of answers in words; None where they are the same."""
    for number, (one, other) in enumerate(zip(first, second, strict=True), start=1):
        if not _same(one, other):
            return f"model {number} of {len(first)}: first {in_words(one)}, then {in_words(other)}"
    return None


def _same(one: Answer, other: Answer) -> bool:
    if one["kind"] != other["kind"]:
        return False
    match one["kind"]:
        case "scored":
            near = TOLERANCE * max(largest_score(one), largest_score(other))
            return (
                [concept for concept, _ in one["concepts"]] == [concept for concept, _ in other["concepts"]]
                and all(
                    abs(mine - theirs) <= near
                    for (_, mine), (_, theirs) in zip(one["concepts"], other["concepts"], strict=True)
                )
                and _same_residual(one["residual"], other["residual"])
            )
        case "text":
            return one["text"] == other["text"]
        case _:
            return one["reason"] == other["reason"]


def _same_residual(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= TOLERANCE * max(1.0, abs(one))
