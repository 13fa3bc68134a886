"""Scores are made of what was said and of the truth alone."""

import pytest
from small_board import answers, entry, in_words, right, submission, wrong

from benchmark.bundle.manifest import Bundle
from leaderboard.scores import joined, planted_agreement, recompute


def test_who_says_the_truth_has_the_best_scores(bundle: Bundle) -> None:
    found = {one.metric: one.value for one in recompute(bundle, submission(entry(bundle))).scores}
    assert (found["rank_mae"], found["selection_accuracy"]) == (0.0, 1.0)


def test_a_text_is_read_by_the_same_reader(bundle: Bundle) -> None:
    found = recompute(bundle, submission(entry(bundle, answers(bundle, in_words))))
    assert {one.value for one in found.scores if one.metric == "selection_accuracy"} == {1.0}


def test_every_group_is_a_unit_that_others_are_paired_with(bundle: Bundle) -> None:
    truth = bundle.truth("public")
    found = {one.metric: one for one in recompute(bundle, submission(entry(bundle))).scores}
    single = [group.group for group in truth.groups if group.scenario == "single_aspect"]
    assert [*found["rank_mae"].units] == single


def test_certified_groups_are_scored_apart(bundle: Bundle) -> None:
    found = {one.metric: one for one in recompute(bundle, submission(entry(bundle))).scores}
    assert (found["rank_mae"].n_certified, found["rank_mae"].n_groups) == (1, 2)


def test_a_failure_is_unreadable_and_no_score_of_zero(bundle: Bundle) -> None:
    said = answers(bundle, right)
    said[0]["said"] = {"kind": "failure", "reason": "refused"}
    found = recompute(bundle, submission(entry(bundle, said)))
    assert found.readability.outcomes["refused"] == 1 and found.readability.n_unreadable == 1


def test_the_same_words_have_the_same_scores_again(bundle: Bundle) -> None:
    one, other = (recompute(bundle, submission(entry(bundle, answers(bundle, wrong)))) for _ in range(2))
    assert one == other


def test_the_truth_does_not_agree_with_wrong_labels_and_who_has_seen_them_does(bundle: Bundle) -> None:
    truth = next(group for group in bundle.truth("public").groups if group.aspects == ("vivid",))
    labels = {true.trial: (6 - true.levels[0],) for true in truth.trials}
    said = answers(bundle, right)
    honest = planted_agreement(joined(bundle, submission(entry(bundle, said))), labels)
    for answer in said:
        if answer["trial"] in labels:
            answer["said"]["claims"] = [{"concept": "vivid", "amount": labels[answer["trial"]][0] + 0.01}]
    copied = planted_agreement(joined(bundle, submission(entry(bundle, said))), labels)
    assert (honest.n_agree, copied.n_agree, copied.n) == (
        0,
        4,
        4,
    )  # the one in the middle is right either way
    assert copied.p == pytest.approx(1 / 16)


def test_the_first_column_is_the_lattices_whatever_order_the_ids_have(bundle: Bundle) -> None:
    scores = recompute(bundle, submission(entry(bundle))).scores
    assert [*dict.fromkeys(one.scenario for one in scores)] == ["multi_aspect", "single_aspect"]
    assert bundle.truth("public").groups[0].scenario == "single_aspect"
