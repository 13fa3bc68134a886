"""Which records of a folder are whole."""

from pathlib import Path

import pytest
from record_makers import explanation_record

from benchmark.record.records import ExplanationRecord
from benchmark.run.logs import open_logs, unheard
from benchmark.show.runs import RunFiles
from finexl.vlms.chat_settings import GIVEN_UP


def left_out(**unanswered: int) -> ExplanationRecord:
    reasons = {
        "outage": f"failed: {GIVEN_UP} 5 attempts: HTTP 503: busy",
        "silence": f"timeout: {GIVEN_UP} 1 attempt: No whole answer within 90 s.",
        "too_large": "failed: HTTP 400: image too large",
        "refusal": "refused: content_filter",
    }
    record = explanation_record([1.0, 2.0])
    return record.model_copy(update={"unanswered": {reasons[name]: n for name, n in unanswered.items()}})


@pytest.mark.parametrize(
    ("record", "missing"),
    [
        (left_out(), (0, 0)),
        (left_out(outage=3, silence=2), (0, 5)),
        (left_out(too_large=3, refusal=1), (0, 0)),
        (explanation_record([1.0, None]), (1, 0)),
    ],
)
def test_what_an_outage_left_unanswered_is_missing_and_what_was_refused_is_not(
    record: ExplanationRecord, missing: tuple[int, int]
) -> None:
    assert unheard(record) == missing


def test_an_explanation_without_the_words_of_a_model_that_was_out_is_asked_for_again(tmp_path: Path) -> None:
    log = open_logs(RunFiles(folder=tmp_path), "no").explanations
    key = left_out().key
    assert log.append(left_out(outage=3)) and log.lacks(key)
    assert not log.append(left_out(outage=4))
    assert log.append(left_out()) and not log.lacks(key)
    assert not open_logs(RunFiles(folder=tmp_path), "no").explanations.lacks(key)
