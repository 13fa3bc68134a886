"""Scores are recomputed from records; what is unreadable is counted and never helps."""

from dataclasses import asdict
from statistics import fmean

import numpy as np
import pytest
from record_makers import group_record, pair_record, series_record, trial

from benchmark.plan.scenarios import SCENARIOS
from benchmark.record.recording import strict_json
from benchmark.record.records import GroupRecord
from benchmark.score.rank_mae import rank_mae, rank_mae_chance
from benchmark.score.scores import best_first, group_score, score_rows
from benchmark.score.scoring import Scoring
from benchmark.score.selection_accuracy import selection_credits
from benchmark.score.statistics import bootstrap_mean, wilson

EXACT = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (2, 0)]


def scored(*scenarios: str) -> dict[str, Scoring]:
    return {name: SCENARIOS[name].scoring for name in scenarios}


def row_of(*records, scenario: str = "single_aspect"):
    (row,) = score_rows(records, scorings=scored(scenario), seed=0)
    return row


def test_the_true_order_has_no_rank_error() -> None:
    assert row_of(series_record([0.1, 0.2, 0.7])).value == 0


def test_a_constant_reader_of_ten_levels_scores_two_and_a_half() -> None:
    assert row_of(series_record([1.0] * 10)).value == pytest.approx(2.5)


def test_a_series_without_any_reading_scores_exactly_chance() -> None:
    row = row_of(series_record([None] * 10))
    assert (row.value, row.chance) == (pytest.approx(3.3), pytest.approx(3.3))
    assert (row.n_unreadable, row.n_models) == (10, 10)


def test_not_answering_hard_models_does_not_pay() -> None:
    wrong = row_of(series_record([3.0, 2.0, 1.0])).value
    silent = row_of(series_record([None, None, None])).value
    right = row_of(series_record([1.0, 2.0, 3.0])).value
    assert right < silent < wrong


def test_the_score_of_a_scenario_is_the_mean_over_series() -> None:
    row = row_of(series_record([1.0, 2.0, 3.0]), series_record([1.0, 1.0, 1.0], group="h"))
    assert row.value == pytest.approx((0 + 2 / 3) / 2)
    assert (row.n, row.n_groups) == (2, 2)


def test_a_single_series_has_no_interval() -> None:
    row = row_of(series_record([1.0, 3.0, 2.0]))
    assert (row.low, row.high) == (None, None)


def test_series_that_are_not_certified_are_left_out_of_the_certified_score() -> None:
    row = row_of(series_record([1.0, 2.0, 3.0]), series_record([3.0, 2.0, 1.0], group="h", certified=False))
    assert (row.certified_value, row.n_certified) == (0, 1)
    assert row.value > 0


def test_naming_counts_every_model_of_a_series() -> None:
    assert row_of(series_record([1.0, 2.0])).naming_accuracy == 1


def test_tau_is_one_for_the_true_order_and_undefined_for_a_constant() -> None:
    assert row_of(series_record([1.0, 2.0, 3.0])).tau == pytest.approx(1)
    assert row_of(series_record([1.0, 1.0, 1.0])).tau is None


def test_exact_coordinates_pick_every_model() -> None:
    row = row_of(pair_record(EXACT), scenario="multi_aspect")
    assert (row.value, row.n, row.chance) == (1, 6, pytest.approx(1 / 6))
    assert (row.low, row.high) == (pytest.approx(wilson(6.0, 6).low), 1)


def test_a_constant_answer_picks_no_better_than_chance() -> None:
    row = row_of(pair_record([(1.0, 1.0)] * 6), scenario="multi_aspect")
    assert row.value == pytest.approx(1 / 6)


def test_an_unreadable_model_is_a_miss() -> None:
    row = row_of(pair_record([None, *EXACT[1:]]), scenario="multi_aspect")
    assert row.value <= 5 / 6
    assert dict(row.outcomes) == {"ok": 5, "unparsable": 1}


def test_rows_follow_the_scenarios_and_the_first_records_of_explainers() -> None:
    records = [
        pair_record(EXACT, explainer="b"),
        series_record([1.0, 2.0], explainer="b"),
        pair_record(EXACT),
    ]
    rows = score_rows(
        records,
        scorings=scored("single_aspect", "multi_aspect"),
        seed=0,
    )
    assert [(row.scenario, row.explainer) for row in rows] == [
        ("single_aspect", "b"),
        ("multi_aspect", "b"),
        ("multi_aspect", "finexl"),
    ]


def test_the_best_row_comes_first_whichever_way_is_better() -> None:
    lower = score_rows(
        [series_record([2.0, 1.0, 3.0], explainer="b"), series_record([1.0, 2.0, 3.0])],
        scorings=scored("single_aspect"),
        seed=0,
    )
    assert [row.explainer for row in best_first(lower)] == ["finexl", "b"]
    higher = score_rows(
        [pair_record([(1.0, 1.0)] * 6, explainer="b"), pair_record(EXACT)],
        scorings=scored("multi_aspect"),
        seed=0,
    )
    assert [row.explainer for row in best_first(higher)] == ["finexl", "b"]


def test_costs_are_summed_and_left_out_of_what_repeats() -> None:
    row = row_of(series_record([1.0, 2.0]), series_record([1.0, 2.0], group="h"))
    assert (row.seconds, row.vlm_calls) == (3.0, 8)
    assert set(asdict(row)) - set(row.without_cost()) == {"seconds", "vlm_calls"}


def test_scoring_twice_gives_the_same_bytes() -> None:
    records = [series_record([1.0, 3.0, 2.0]), series_record([3.0, 1.0, 2.0], group="h")]
    assert strict_json(row_of(*records).without_cost()) == strict_json(row_of(*records).without_cost())


def versions_record(readings, truths=((1, 0), (2, 1)), explainer: str = "finexl") -> GroupRecord:
    trials = tuple(trial(truth, reading) for truth, reading in zip(truths, readings, strict=True))
    return group_record("versions", trials, explainer=explainer)


def test_versions_are_scored_by_how_many_of_their_orders_are_right() -> None:
    row = row_of(versions_record([(0.1, 0.4), (0.3, 0.2)]), scenario="versions")
    assert (row.metric, row.value, row.chance, row.n, row.direction) == (
        "ordering_accuracy",
        0.5,
        0.5,
        2,
        "higher",
    )
    assert row.low is not None and row.naming_accuracy is None


def test_versions_of_which_nothing_is_known_have_no_score() -> None:
    record = versions_record([(), ()], truths=((), ()))
    assert score_rows([record], scorings=scored("versions"), seed=0) == ()
    assert group_score(record, SCENARIOS["versions"].scoring) is None


@pytest.mark.parametrize("scenario", ["strength", "subject"])
def test_other_ladders_are_scored_like_series(scenario: str) -> None:
    record = series_record([1.0, 2.0, 3.0]).model_copy(update={"scenario": scenario})
    row = row_of(record, scenario=scenario)
    assert (row.metric, row.value, row.naming_accuracy) == ("rank_mae", 0.0, 1.0)


def test_rows_hold_what_the_plain_functions_say_to_the_last_bit() -> None:
    rng = np.random.default_rng(0)
    records = [series_record([*rng.random(7), None], group=str(number)) for number in range(5)]
    errors = [
        rank_mae([one.reading and one.reading[0] for one in record.trials], range(8)) for record in records
    ]
    row = row_of(*records)
    assert (row.value, (row.low, row.high)) == (fmean(errors), bootstrap_mean(errors, seed=0))
    assert row.chance == rank_mae_chance(8)


def test_a_choice_counts_what_the_plain_credits_say_to_the_last_bit() -> None:
    rng = np.random.default_rng(1)
    records = [pair_record([None, *map(tuple, rng.integers(0, 3, (5, 2)) / 3)]) for _ in range(7)]
    credits = [selection_credits([one.reading for one in record.trials], EXACT) for record in records]
    row = row_of(*records, scenario="multi_aspect")
    assert row.value == fmean(map(fmean, credits))
    assert (row.low, row.high) == wilson(sum(one for each in credits for one in each), 42)


def test_groups_of_one_scenario_may_differ_in_size() -> None:
    row = row_of(series_record([1.0, 2.0]), series_record([None] * 3, group="h"))
    assert row.value == pytest.approx((0 + rank_mae_chance(3)) / 2)
    assert row.chance == pytest.approx((rank_mae_chance(2) + rank_mae_chance(3)) / 2)
