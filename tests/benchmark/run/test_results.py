"""What was said, how it was read and what is true, side by side."""

import pytest
from ideal_bench import ASPECTS, series

from benchmark.read.readers import LexiconReader, read_each
from benchmark.record.records import TrialRecord
from benchmark.run.results import Measured, trial_record
from finexl.values import AnyExplanation, Claim, NoExplanation, ScoredExplanation, TextExplanation

READER = LexiconReader(dict.fromkeys(ASPECTS, ()))


def recorded(said: AnyExplanation) -> TrialRecord:
    (reading,) = read_each(READER, [said], ("vivid",), corpus_aspects=ASPECTS)
    return trial_record(series(1).trials[0], said, reading, Measured(divergence=0.5, estimates=(0.2,)))


def test_a_scored_explanation_is_recorded_with_its_reading() -> None:
    concepts = (Claim(concept="vivid", amount=0.7), Claim(concept="fluffy", amount=0.1))
    record = recorded(ScoredExplanation(claims=concepts, residual=0.2))
    assert (record.outcome, record.reading, record.named, record.residual) == ("ok", (0.7,), "vivid", 0.2)
    assert [one.concept for one in record.claims] == ["vivid", "fluffy"]


@pytest.mark.parametrize("reason", ["refused", "empty", "unparsable", "timeout", "failed"])
def test_a_failure_is_recorded_with_its_reason_and_without_a_reading(reason: str) -> None:
    record = recorded(NoExplanation(reason=reason, detail="after 60 s"))
    found = (record.outcome, record.reading, record.kind, record.detail)
    assert found == (reason, None, "none", "after 60 s")


def test_a_text_is_recorded_word_for_word() -> None:
    assert recorded(TextExplanation(text="very vivid")).text == "very vivid"


def test_the_truth_is_that_of_the_plan() -> None:
    record = recorded(TextExplanation(text="very vivid"))
    assert (record.truth, record.divergence, record.estimates) == ((1,), 0.5, (0.2,))
