"""FalseAlarms counts claims about models that nothing was done to."""

import pytest
from record_makers import claims

from benchmark.score.claims import Answer
from benchmark.score.false_alarms import FalseAlarms, false_alarm
from finexl.errors import InvalidInputError

NOTHING = {"vivid": 0}


def test_a_claim_is_an_alarm_and_silence_is_none() -> None:
    assert false_alarm(Answer(claims=claims(vivid=-0.01)), NOTHING) == 1
    assert false_alarm(Answer(claims=()), NOTHING) == 0


def test_refusing_to_answer_does_not_pay() -> None:
    assert false_alarm(Answer(claims=None), NOTHING) == 1


def test_models_that_something_was_done_to_are_no_matter_of_it() -> None:
    assert false_alarm(Answer(claims=()), {"vivid": 0, "snowy": 1}) is None


def test_who_always_claims_something_scores_chance() -> None:
    metric = FalseAlarms()
    metric.update_group([Answer(claims=claims(grainy=1.0))] * 3, [NOTHING] * 3)
    assert metric.compute().item() == metric.chance() == metric.facts.worst == 1
    assert metric.higher_is_better is False


def test_the_class_is_the_share_of_unchanged_models() -> None:
    metric = FalseAlarms()
    answers = [Answer(claims=()), Answer(claims=claims(vivid=1.0)), Answer(claims=claims(vivid=1.0))]
    metric.update_group(answers, [NOTHING, NOTHING, {"vivid": 1}])
    assert metric.compute().item() == 0.5


def test_the_class_needs_a_model_without_change() -> None:
    metric = FalseAlarms()
    metric.update_group([Answer(claims=())], [{"vivid": 1}])
    with pytest.raises(InvalidInputError, match="at least one model that it judges"):
        metric.compute()
