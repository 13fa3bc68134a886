"""Whether an entry says what another one said: in another order, rounded, rescaled or in other words.

A sketch of what was said is kept in the ledger, so that copies are found without the other entry's files, and also of
entries that were removed.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from math import log

from pydantic import BaseModel, Field

from benchmark.read.budget import N_CLAIMS
from leaderboard.entry.schema import SaidClaims, SaidText, TrialAnswer

_WORD = re.compile(r"[^\W_]+")
_N_HASHES = 4
SAME_WORDS = 0.8
"""Mean overlap of the words from which two entries say the same."""
SAME_AMOUNTS = 0.95
"""Share of trials with the same amounts, up to a common scale, from which they are the same."""
_ROUNDING = 0.03
"""Relative difference of two amounts that rounding may make; two significant digits make half of it on average."""
_MIN_TELLING = 12
"""Different amounts from which amounts alone tell a copy; below, as in a constant answer, words must agree too."""


class TrialSketch(BaseModel, frozen=True, extra="forbid"):
    """What was said of one model, in a few numbers."""

    words: tuple[int, ...] = Field(max_length=_N_HASHES)
    """Smallest hashes of the words, one per hash function: equal as often as the words overlap."""
    size: float
    """Sum of the amounts' sizes, three significant digits."""
    largest: float


Sketch = Mapping[str, TrialSketch]


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """How alike two entries are."""

    words: float
    """Mean overlap of the words, 0 to 1."""
    amounts: float
    """Share of trials whose amounts agree, up to a common scale."""
    n_amounts: int
    """Different amounts; few tell little."""

    @property
    def is_copy(self) -> bool:
        """Whether one says what the other said."""
        telling = self.n_amounts >= _MIN_TELLING
        return (self.words >= SAME_WORDS and self.amounts >= SAME_WORDS) or (
            telling and self.amounts >= SAME_AMOUNTS
        )


def sketch(answers: Sequence[TrialAnswer], *, n_claims: int | None = N_CLAIMS) -> dict[str, TrialSketch]:
    """What was said, trial by trial: the strongest claims alone (None: all), since more are not read."""
    return {answer.trial: _sketched(answer, n_claims) for answer in answers}


def copied(mine: Sequence[Sketch], other: Sketch) -> Likeness | None:
    """How alike two entries are if one is a copy by any sketch: in older lines of a ledger it is of all claims."""
    return next((alike for one in mine if (alike := likeness(one, other)) and alike.is_copy), None)


def likeness(one: Sketch, other: Sketch) -> Likeness | None:
    """How alike two entries are on the trials of both; None where they share none."""
    shared = sorted(one.keys() & other.keys())
    if not shared:
        return None
    pairs = [(one[trial], other[trial]) for trial in shared]
    words = sum(_overlap(a.words, b.words) for a, b in pairs) / len(pairs)
    ratios = sorted(log(a.size) - log(b.size) for a, b in pairs if a.size and b.size)
    scale = ratios[len(ratios) // 2] if ratios else 0.0
    agree = sum(_agree(a.size, b.size, scale) and _agree(a.largest, b.largest, scale) for a, b in pairs)
    n_amounts = min(len({a.size for a, _ in pairs}), len({b.size for _, b in pairs}))
    return Likeness(words=words, amounts=agree / len(pairs), n_amounts=n_amounts)


def _sketched(answer: TrialAnswer, n_claims: int | None) -> TrialSketch:
    match answer.said:
        case SaidClaims(claims=said):
            claims = sorted(said, key=lambda one: (-abs(one.amount), one.concept))[:n_claims]
            words = {word for claim in claims for word in _WORD.findall(claim.concept.casefold())}
            sizes = [abs(claim.amount) for claim in claims]
        case SaidText(text=text):
            words, sizes = set(_WORD.findall(text.casefold())), []
        case failure:
            words, sizes = {failure.reason}, []
    return TrialSketch(
        words=tuple(min((_hash(word, number) for word in words), default=0) for number in range(_N_HASHES)),
        size=float(f"{sum(sizes):.3g}"),
        largest=float(f"{max(sizes, default=0.0):.3g}"),
    )


def _overlap(one: Sequence[int], other: Sequence[int]) -> float:
    return sum(a == b for a, b in zip(one, other, strict=False)) / max(len(one), 1)


def _agree(one: float, other: float, scale: float) -> bool:
    if not one or not other:
        return one == other
    return abs(log(one) - log(other) - scale) <= _ROUNDING  # a ratio of extremes is 0 or infinite


def _hash(word: str, number: int) -> int:
    return int.from_bytes(blake2b(word.encode(), digest_size=4, salt=bytes([number])).digest(), "big")
