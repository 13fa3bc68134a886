"""A second run says the same, or how far it differs; who is run again is not known before."""

from pathlib import Path

import pytest
from small_board import answers, entry, in_words, right, submission

from benchmark.bundle.manifest import Bundle
from finexl.errors import InvalidInputError
from leaderboard.auditing import audit, drawn, recorded
from leaderboard.entry.example import json_lines
from leaderboard.verify.verifying import Submission


@pytest.fixture(scope="module")
def one(bundle: Bundle) -> Submission:
    return submission(entry(bundle))


def again(bundle: Bundle, path: Path, factor: float = 1.0, concept: str | None = None):
    said = answers(bundle, right)
    for answer in said:
        for claim in answer["said"]["claims"]:
            claim["amount"] *= factor
            claim["concept"] = concept or claim["concept"]
    path.write_bytes(json_lines(said))
    return recorded(path)


def trials(one: Submission) -> list[str]:
    return [answer.trial for answer in one.answers]


def test_the_same_words_are_reproduced(bundle: Bundle, one: Submission, tmp_path: Path) -> None:
    found = audit(one, again(bundle, tmp_path / "a"), trials=trials(one))
    assert (found.status, found.why) == ("reproduced", "16 of 16 trials run again")


def test_another_machines_rounding_is_reproduced(bundle: Bundle, one: Submission, tmp_path: Path) -> None:
    assert audit(one, again(bundle, tmp_path / "a", 1 + 1e-5), trials=trials(one)).status == "reproduced"


def test_other_amounts_differ_with_the_numbers(bundle: Bundle, one: Submission, tmp_path: Path) -> None:
    found = audit(one, again(bundle, tmp_path / "a", 1.25), trials=trials(one))
    assert found.status == "differs" and "15 of 16 trials" in found.why and "by up to 0.2 of" in found.why


def test_other_words_differ(bundle: Bundle, one: Submission, tmp_path: Path) -> None:
    found = audit(one, again(bundle, tmp_path / "a", concept="striped"), trials=trials(one))
    assert found.status == "differs" and found.why.endswith("in words")


def test_another_kind_of_answer_differs(bundle: Bundle, one: Submission) -> None:
    other = submission(entry(bundle, answers(bundle, in_words)))
    assert audit(one, lambda entry, trials: other.answers, trials=trials(one)).status == "differs"


def test_a_trial_that_was_not_answered_differs(bundle: Bundle, one: Submission) -> None:
    found = audit(one, lambda entry, trials: one.answers[1:], trials=trials(one))
    assert found.why == "1 of 16 trials were not answered both times"


def test_how_it_was_run_goes_with_what_was_found(bundle: Bundle, one: Submission, tmp_path: Path) -> None:
    same = audit(one, again(bundle, tmp_path / "a"), trials=trials(one), manner="with its replies")
    assert same.why == "16 of 16 trials run again, with its replies"
    other = audit(one, again(bundle, tmp_path / "b", 2), trials=trials(one), manner="with its replies")
    assert other.why.startswith("run again with its replies; 15 of 16 trials differ")


def test_what_was_not_run_says_why(one: Submission) -> None:
    found = audit(one, lambda entry, trials: "asks a model that costs money", trials=trials(one))
    assert (found.status, found.why) == ("not run", "asks a model that costs money")


def test_a_slice_is_drawn_by_what_is_known_later(one: Submission) -> None:
    slices = {drawn(trials(one), digest=one.digest, later=f"commit {n}", n=4) for n in range(20)}
    assert len(slices) > 15 and {len(each) for each in slices} == {4}
    assert drawn(trials(one), digest=one.digest, later="commit 1", n=4) in slices


def test_the_order_is_drawn_too_of_all_as_of_some(one: Submission) -> None:
    every = drawn(trials(one), digest=one.digest, later="x", n=0)
    assert {*every} == {*trials(one)} and [*every] != trials(one)
    assert every != drawn(trials(one), digest=one.digest, later="y", n=0)
    assert every[:7] == drawn(trials(one), digest=one.digest, later="x", n=7)


def test_a_file_of_something_else_is_no_second_run(tmp_path: Path) -> None:
    (tmp_path / "a").write_text('{"trial": 1}\n', encoding="utf-8")
    with pytest.raises(InvalidInputError, match="must hold answers"):
        recorded(tmp_path / "a")
