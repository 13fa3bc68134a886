"""What was said, how it was read and what is true, side by side."""

import pytest
from ideal_bench import ASPECTS, series
from record_makers import group_record, trial

from benchmark.read.readers import LexiconReader, read_each
from benchmark.record.records import TrialRecord
from benchmark.run.results import Measured, trial_record, unread_replies, unread_words
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


def test_replies_without_words_are_told_by_how_they_ended() -> None:
    """Those that an outage left out are told with their reasons, and where nothing differs that is an answer."""
    notes = {
        "n_replies_ok": 3,
        "n_replies_none": 2,
        "n_replies_refused": 1,
        "n_replies_failed": 4,
        "n_vlm_calls": 10,
    }
    models = tuple(trial((level,), (1.0,)).model_copy(update={"notes": notes}) for level in (1, 2))
    told = unread_replies([group_record("single_aspect", models)] * 2)
    assert [one.line for one in told] == ["explainer finexl: 4 replies of its model without words (refused)"]


def test_words_beyond_those_that_are_read_of_a_reply_are_told_with_their_number() -> None:
    models = tuple(
        trial((level,), (1.0,)).model_copy(update={"notes": {"n_words_left_out": 7}}) for level in (1, 2)
    )
    told = unread_words(
        [group_record("single_aspect", models), group_record("single_aspect", (trial((1,), (1.0,)),))]
    )
    assert [one.line for one in told] == [
        "explainer finexl: 14 words left out that stood beyond the first 60 of a reply"
    ]
