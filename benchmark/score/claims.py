"""Judging claims: what of an explanation is true of a model, what looks like it, and what is false.

Claims are counted, not weighed, so that a hedge of tiny amount costs as much as any. A claim whose words name a
composite style is one claim that is judged by its parts, each by itself. What was claimed before, in the same or in
other words, counts no second time.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from benchmark.record.records import GroupRecord, ReadClaim, TrialRecord
from finetune.miniature.aspects import ASPECTS, COMPOSITES
from finetune.miniature.relatives import look_alike

Levels = Mapping[str, int]
"""What is true of a model: the level of every aspect by which it may have moved; below 0, less of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was read of one model."""

    claims: tuple[ReadClaim, ...] | None
    """Strongest first; none = silence, None = unreadable."""
    is_text: bool = False
    """Whether equal amounts have an order, that of mention."""

    @property
    def said(self) -> tuple[ReadClaim, ...]:
        """The claims that claim something: an amount of 0 is silence about its words."""
        return tuple(claim for claim in self.claims or () if claim.amount)

    @property
    def is_silent(self) -> bool:
        """Whether this is an answer that claims nothing."""
        return self.claims is not None and not self.said


class Judged(NamedTuple):
    """How many claims, in parts, are true and false, and how many true aspects, in parts, they find."""

    true: float
    false: float
    found: float
    n_true: int


def answer_of(trial: TrialRecord) -> Answer:
    """What was read of a recorded model."""
    claims = None if trial.reading is None else trial.read_claims
    return Answer(claims=claims, is_text=trial.kind == "text")


def levels_of(record: GroupRecord, trial: TrialRecord) -> Levels:
    """What is true of a recorded model, asked and unasked."""
    return {**dict(zip(record.aspects, trial.truth, strict=True)), **trial.unasked}


def is_changed(levels: Levels) -> bool:
    """Whether anything was done to a model."""
    return any(levels.values())


def judged(claims: Sequence[ReadClaim], levels: Levels) -> Judged:
    """Count a model's claims.

    A part of a claim is true where its aspect has a level of its sign; related, which counts neither way, where its
    effect looks like that of a true aspect; else false, as are the wrong sign and words that name no aspect. Of what
    several claims say, the largest share counts. An aspect is found by the share that is claimed of it, so that a word
    for three is no better a guess than a word for one; a composite style is true with all its parts, found by theirs.
    """
    told: dict[tuple[str, int], float] = {}
    for claim in claims:
        for said, share in _said(claim).items():
            told[said] = max(share, told.get(said, 0.0))
    directions = _directions(levels)
    verdicts = [(_verdict(*said, directions), share) for said, share in told.items()]
    true = sum(share for verdict, share in verdicts if verdict is True)
    false = sum(share for verdict, share in verdicts if verdict is False)
    moved = {name: level for name, level in levels.items() if level}
    found = sum(
        min(share, told.get((part, _sign(level)), 0.0))
        for name, level in moved.items()
        for part, share in elements(name)
    )
    return Judged(true=true, false=false, found=found, n_true=len(moved))


def _said(claim: ReadClaim) -> Mapping[tuple[str, int], float]:
    """The elementary aspects of a claim by name and sign, each once."""
    shares: dict[tuple[str, int], float] = {}
    for part, sign, share in parts_of(claim):
        shares[part, sign] = shares.get((part, sign), 0.0) + share
    return shares


def parts_of(claim: ReadClaim) -> Iterator[tuple[str, int, float]]:
    """The elementary aspects of a claim with their signs and shares, which sum to 1; unknown words are one part."""
    if not claim.aspects:
        yield f"“{claim.concept.casefold()}”", _sign(claim.amount), 1.0
    whole = sum(abs(share) for _, share in claim.aspects)
    for aspect, share in claim.aspects:
        for part, of_it in elements(aspect):
            if share:
                yield part, _sign(claim.amount * share), abs(share) / whole * of_it


def elements(aspect: str) -> tuple[tuple[str, float], ...]:
    """The elementary aspects of a style with their shares, which sum to 1; itself where it has no known parts."""
    if aspect not in COMPOSITES:
        return ((aspect, 1.0),)
    parts = COMPOSITES[aspect].parts
    whole = sum(strength for _, strength in parts)
    return tuple((part, strength / whole) for part, strength in parts)


def amounts_of(claims: Sequence[ReadClaim], aspects: Sequence[str]) -> list[float]:
    """How much is claimed of each aspect in all; of a composite style, of its parts in their shares."""
    totals: dict[str, float] = {}
    for claim in claims:
        for aspect, share in claim.aspects:
            for part, of_it in elements(aspect):
                totals[part] = totals.get(part, 0.0) + claim.amount * share * of_it
    return [sum(totals.get(part, 0.0) * of_it for part, of_it in elements(aspect)) for aspect in aspects]


def vocabulary(names: Collection[str]) -> frozenset[str]:
    """The elementary aspects that a guess may name: the world's where `names` are of it, else `names` themselves."""
    return frozenset(ASPECTS if all(name in ASPECTS or name in COMPOSITES for name in names) else names)


class Hits(NamedTuple):
    """How many of the words of a guess could be right."""

    n_true: int
    n_related: int


def true_and_related(levels: Levels, words: Collection[str]) -> Hits:
    """How many of some aspects, claimed of a model, would be true, and how many would be related to what is."""
    directions = _directions(levels)
    verdicts = [_verdict(word, 1, directions) for word in words]
    return Hits(verdicts.count(True), verdicts.count(None))


def _directions(levels: Levels) -> dict[str, int]:
    """What is true of a model and the parts of it, with signs."""
    return {
        name: _sign(level)
        for aspect, level in levels.items()
        if level
        for name in (aspect, *(part for part, _ in elements(aspect)))
    }


def _verdict(part: str, sign: int, directions: Mapping[str, int]) -> bool | None:
    """Whether a part of a claim is true; None where it counts neither way."""
    if part in directions:
        return directions[part] == sign
    is_related = any(look_alike(part, name, sign=sign * of_it) for name, of_it in directions.items())
    return None if is_related else False


def _sign(number: float | int) -> int:
    return 1 if number > 0 else -1
