"""Draws of a random row are new amounts, read as before, and their mean is the chance that is stated."""

from statistics import fmean

import pytest
from record_makers import group_record, trial

from benchmark.record.records import ClaimRecord, GroupRecord, ReadClaim
from benchmark.score.redraws import redrawn
from benchmark.score.selection_accuracy import selection_credits

LATTICE = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (2, 0))
ASPECTS = ("vivid", "grainy", *"abcdef")


def row(n_read: int = 8) -> GroupRecord:
    """A lattice of which a random explainer claimed eight aspects, each by a word of its own."""
    claims = tuple(ClaimRecord(concept=f"{aspect}-ish", amount=0.5) for aspect in ASPECTS)
    read = tuple(ReadClaim(concept=f"{a}-ish", amount=0.5, aspects=((a, 1.0),)) for a in ASPECTS)
    trials = tuple(
        trial(truth, (0.5, 0.5)).model_copy(
            update={"claims": claims, "read_claims": read[:n_read], "trial": f"t{i}"}
        )
        for i, truth in enumerate(LATTICE)
    )
    return group_record("multi_aspect", trials)


def test_the_mean_of_many_draws_is_chance() -> None:
    scores = [
        fmean(selection_credits([one.reading for one in record.trials], LATTICE))
        for (record,) in redrawn([row()], n=600)
    ]
    assert fmean(scores) == pytest.approx(1 / 6, abs=0.02)


def test_a_reading_is_the_amount_of_the_words_that_name_the_aspect() -> None:
    ((record,),) = redrawn([row()], n=1)
    for one in record.trials:
        amounts = {claim.concept: claim.amount for claim in one.claims}
        assert one.reading == (amounts["vivid-ish"], amounts["grainy-ish"])
        assert one.named == max(amounts, key=lambda word: amounts[word]).removesuffix("-ish")


def test_as_many_claims_are_read_as_before_the_strongest_first() -> None:
    ((record,),) = redrawn([row(n_read=5)], n=1)
    for one in record.trials:
        amounts = [claim.amount for claim in one.read_claims]
        assert amounts == sorted((claim.amount for claim in one.claims), reverse=True)[:5]


def test_a_word_that_was_never_read_means_the_aspect_of_that_name() -> None:
    record = row()
    unread = [
        one.model_copy(update={"claims": (ClaimRecord(concept="vivid", amount=0.5),)})
        for one in record.trials
    ]
    silent = [one.model_copy(update={"read_claims": one.read_claims[1:2]}) for one in unread]
    ((drawn,),) = redrawn([record.model_copy(update={"trials": tuple(silent)})], n=1)
    assert all(one.reading is not None and one.reading[0] > 0 for one in drawn.trials)


def test_draws_differ_and_repeat() -> None:
    first, second = redrawn([row()], n=2)
    assert first != second and [first, second] == list(redrawn([row()], n=2))
    assert next(redrawn([row()], n=1, seed=1)) != first


def test_a_failure_stays_one() -> None:
    failed = group_record("multi_aspect", (trial((0, 0), None, outcome="failed"),))
    assert next(redrawn([failed], n=1)) == (failed,)
