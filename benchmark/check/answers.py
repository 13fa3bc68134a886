"""What explainers said, compared: whether two answers are the same, and what an answer says in a few words."""

from collections.abc import Iterable, Sequence
from typing import assert_never

from pydantic import TypeAdapter

from finexl.values import AnyExplanation, NoExplanation, ScoredExplanation, TextExplanation

ANSWERS = TypeAdapter(tuple[AnyExplanation, ...])
"""Makes JSON values of answers, which travel between processes, and answers of them."""
TOLERANCE = 1e-4
"""Scores count as equal up to this share of the largest one: sums taken in another order differ by less."""


def says_something(answer: AnyExplanation) -> bool:
    """Whether an answer explains anything."""
    match answer:
        case ScoredExplanation(claims=concepts):
            return bool(concepts)
        case TextExplanation(text=text):
            return bool(text.strip())
        case NoExplanation():
            return False
        case _:
            assert_never(answer)


def largest_score(answer: AnyExplanation) -> float:
    """The size of the largest score; 0 where nothing is scored."""
    scored = answer.claims if isinstance(answer, ScoredExplanation) else ()
    return max((abs(one.amount) for one in scored), default=0.0)


def words_of(answers: Iterable[AnyExplanation]) -> str:
    """Everything that was said, lower case."""
    said: list[str] = []
    for answer in answers:
        if isinstance(answer, ScoredExplanation):
            said += [str(one.concept) for one in answer.claims]
        elif isinstance(answer, TextExplanation):
            said.append(answer.text)
    return "\n".join(said).lower()


def in_words(answer: AnyExplanation) -> str:
    """An answer in a few words for people."""
    match answer:
        case ScoredExplanation(claims=claims):
            scored = [f"{one.concept} {one.amount:.3g}" for one in claims[:3]]
            more = len(claims) - len(scored)
            return f"({', '.join(scored) or 'no concept'}{f' and {more} more' if more > 0 else ''})"
        case TextExplanation(text=text):
            return repr(text[:60])
        case NoExplanation(reason=reason):
            return f"nothing ({reason})"
        case _:
            assert_never(answer)


def difference(first: Sequence[AnyExplanation], second: Sequence[AnyExplanation]) -> str | None:
    """The first difference between two lists of answers in words; None where they are the same."""
    for number, (one, other) in enumerate(zip(first, second, strict=True), start=1):
        if not _same(one, other):
            return f"model {number} of {len(first)}: first {in_words(one)}, then {in_words(other)}"
    return None


def _same(one: AnyExplanation, other: AnyExplanation) -> bool:
    """Whether two answers are equal, up to rounding and their notes: no reader sees those."""
    match one, other:
        case ScoredExplanation(), ScoredExplanation():
            near = TOLERANCE * max(largest_score(one), largest_score(other))
            pairs = [*zip(one.claims, other.claims, strict=False)]
            return (
                len(one.claims) == len(other.claims)
                and all(mine.concept == theirs.concept for mine, theirs in pairs)
                and all(abs(mine.amount - theirs.amount) <= near for mine, theirs in pairs)
                and _same_residual(one.residual, other.residual)
            )
        case TextExplanation(), TextExplanation():
            return one.text == other.text
        case NoExplanation(), NoExplanation():
            return one.reason == other.reason
        case _:
            return False


def _same_residual(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= TOLERANCE * max(1.0, abs(one))
