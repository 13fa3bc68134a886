"""Records by hand, for tests that need no run."""

from collections.abc import Sequence

from benchmark.record.records import (
    ClaimRecord,
    Cost,
    ExplanationKey,
    ExplanationRecord,
    GroupRecord,
    Outcome,
    Provenance,
    ReadClaim,
    Track,
    TrialRecord,
    Versions,
)
from finexl.values import AnyExplanation, Claim, NoExplanation, ScoredExplanation


def provenance(
    explainer: str = "finexl", key: str = "k", *, pairs: tuple[str, ...] = ("a", "b")
) -> Provenance:
    return Provenance(
        explainer=explainer,
        explainer_key=key,
        reader="lexicon",
        seed=1,
        pairs=pairs,
        versions=Versions(explain="1", read="1", certify="1"),
    )


def explanation_record(
    scores: Sequence[float | None], *, explainer: str = "finexl", group: str = "g", concept: str = "vivid"
) -> ExplanationRecord:
    """What an explainer said of a group: one score per model, None = a failure."""
    return ExplanationRecord(
        explainer=explainer,
        group=group,
        key=ExplanationKey(
            explainer_key=f"key of {explainer}",
            pairs=tuple(f"{group}/{number}" for number in range(len(scores))),
            version="1",
        ),
        said=tuple(_said(score, concept) for score in scores),
        cost=Cost(seconds=1.5, vlm_calls=4),
    )


def _said(score: float | None, concept: str) -> AnyExplanation:
    if score is None:
        return NoExplanation(reason="failed", detail="HTTP 503")
    return ScoredExplanation(claims=(Claim(concept=concept, amount=score),), notes={"n": 2})


def trial(
    truth: tuple[int, ...],
    reading: Sequence[float] | None,
    *,
    outcome: Outcome = "ok",
    concept: str = "vivid",
    named: str | None = None,
    read_claims: Sequence[ReadClaim] = (),
    unasked: dict[str, int] | None = None,
) -> TrialRecord:
    return TrialRecord(
        trial="".join(map(str, truth)),
        truth=truth,
        outcome=outcome if reading is not None or outcome != "ok" else "unparsable",
        kind="scored",
        claims=(ClaimRecord(concept=concept, amount=0.5),),
        reading=None if reading is None else tuple(reading),
        named=named,
        read_claims=tuple(read_claims),
        unasked=unasked or {},
        divergence=0.1 if any(truth) else None,
    )


def series_record(
    readings: Sequence[float | None], *, explainer: str = "finexl", group: str = "g", certified: bool = True
) -> GroupRecord:
    """One series of levels 1 to n."""
    trials = tuple(
        trial((level,), None if reading is None else (reading,), named="vivid")
        for level, reading in enumerate(readings, start=1)
    )
    return group_record("single_aspect", trials, explainer=explainer, group=group, certified=certified)


def pair_record(
    readings: Sequence[tuple[float, float] | None], *, explainer: str = "finexl", group: str = "g"
) -> GroupRecord:
    """The six mixtures of a pair, in the order of the lattice."""
    lattice = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (2, 0))
    trials = tuple(trial(truth, reading) for truth, reading in zip(lattice, readings, strict=True))
    return group_record("multi_aspect", trials, explainer=explainer, group=group)


def claims(**amounts: float) -> tuple[ReadClaim, ...]:
    """Claims of aspects by name, strongest first."""
    by_size = sorted(amounts.items(), key=lambda one: -abs(one[1]))
    return tuple(ReadClaim(concept=name, amount=amount, aspects=((name, 1.0),)) for name, amount in by_size)


def group_record(
    scenario: str,
    trials: tuple[TrialRecord, ...],
    *,
    explainer: str = "finexl",
    group: str = "g",
    certified: bool = True,
    track: Track = "solo",
) -> GroupRecord:
    return GroupRecord(
        scenario=scenario,
        group=group,
        aspects=("vivid",) if scenario == "single_aspect" else ("vivid", "grainy"),
        explainer=explainer,
        track=track,
        trials=trials,
        certified=certified,
        certified_aspects=(certified,) * len(trials[0].truth),
        provenance=provenance(explainer, pairs=tuple(f"{group}/{one.trial}" for one in trials)),
        cost=Cost(seconds=1.5, vlm_calls=4),
    )
