"""The score of who answers by chance is the mean over many draws: the records of a row, drawn again.

A draw gives every concept that a model's explanation claims another amount, uniform in [0, 1), as the control itself
does. Read is as many of the strongest as were read before, and each word as the row's readings understood it, so that
no explainer and no reader is asked again. A word that no reading came to is taken to be an aspect's name, as the words
of controls are: few models would else leave a third of the vocabulary without meaning.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from random import Random
from statistics import fmean

from benchmark.record.records import ClaimRecord, GroupRecord, ReadClaim, TrialRecord
from benchmark.score.measures import Measured
from benchmark.score.scoring import Scoring

Aspects = tuple[tuple[str, float], ...]
"""What a word names, with shares."""


def mean_of_draws(
    records: Sequence[GroupRecord],
    scoring: Scoring,
    *,
    measure: Callable[[Sequence[GroupRecord], Scoring], tuple[Measured, ...]],
) -> tuple[Measured, ...]:
    """What is measured of one explainer in one scenario; of who answers by chance the mean over its draws."""
    if (n := records[0].n_draws) == 1:
        return measure(records, scoring)
    draws = [measure(drawn, scoring) for drawn in redrawn(records, n=n)]
    return tuple(
        replace(
            of_one[0],
            value=fmean(one.value for one in of_one),
            units={name: fmean(one.units[name] for one in of_one) for name in of_one[0].units},
        )
        for of_one in zip(*draws, strict=True)
    )


def redrawn(records: Sequence[GroupRecord], *, n: int, seed: int = 0) -> Iterator[tuple[GroupRecord, ...]]:
    """The records of one explainer in `n` other draws, every model by itself; of its claims those that are read."""
    known = {
        claim.concept: claim.aspects
        for record in records
        for trial in record.trials
        for claim in trial.read_claims
    }
    for number in range(n):
        yield tuple(
            record.model_copy(
                update={
                    "trials": tuple(
                        _redrawn(
                            trial,
                            record.aspects,
                            known,
                            Random(f"{seed} {number} {record.group} {trial.trial}"),
                        )
                        for trial in record.trials
                    )
                }
            )
            for record in records
        )


def _redrawn(
    trial: TrialRecord, aspects: Sequence[str], known: Mapping[str, Aspects], chance: Random
) -> TrialRecord:
    if trial.reading is None:  # a failure stays one
        return trial
    amounts = [(chance.random(), claim.concept) for claim in trial.claims]
    strongest = sorted(amounts, reverse=True)[: len(trial.read_claims)]
    read = tuple(
        ReadClaim(concept=concept, amount=amount, aspects=known.get(concept, ((concept, 1.0),)))
        for amount, concept in strongest
    )
    told: dict[str, float] = {}
    for claim in read:
        for aspect, share in claim.aspects:
            told[aspect] = told.get(aspect, 0.0) + share * claim.amount
    return trial.model_copy(
        update={
            "claims": tuple(ClaimRecord(concept=claim.concept, amount=claim.amount) for claim in read),
            "read_claims": read,
            "reading": tuple(told.get(aspect, 0.0) for aspect in aspects),
            "named": max(told, key=lambda aspect: told[aspect], default=None),
        }
    )
