"""Scores are recomputed from records; what is unreadable is counted and never helps."""

import json
from dataclasses import asdict
from statistics import fmean

import numpy as np
import pytest
from record_makers import claims, group_record, pair_record, series_record, trial

from benchmark.plan.scenarios import SCENARIOS
from benchmark.record.recording import strict_json
from benchmark.record.records import GroupRecord
from benchmark.score.rank_mae import rank_mae, rank_mae_chance
from benchmark.score.scores import COSTS, best_first, group_score, own_score, row_from, score_rows
from benchmark.score.scoring import SILENCE, Scoring
from benchmark.score.selection_accuracy import selection_credits
from benchmark.score.statistics import t_interval

EXACT = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (2, 0)]


def scored(*scenarios: str) -> dict[str, Scoring]:
    return {name: SCENARIOS[name].scoring for name in scenarios}


def row_of(*records, scenario: str = "single_aspect"):
    (row,) = score_rows(records, scorings=scored(scenario))
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
    assert (row.own.n, row.n_groups) == (2, 2)


def test_fewer_than_five_series_have_no_interval() -> None:
    rows = [
        row_of(*(series_record([1.0, 3.0, 2.0], group=str(each)) for each in range(n))) for n in (1, 4, 5)
    ]
    assert [row.own.low is None for row in rows] == [True, True, False]
    assert [row.own.high is None for row in rows] == [True, True, False]


def test_groups_that_share_aspects_have_a_wider_interval_than_groups_that_share_none() -> None:
    def width(aspects: list[str]) -> float:
        readings = [[1.0, 2.0, 3.0]] * 3 + [[1.0, 3.0, 2.0]] * 3
        records = [
            series_record(of_one, group=str(number)).model_copy(update={"aspects": (aspect,)})
            for number, (of_one, aspect) in enumerate(zip(readings, aspects, strict=True))
        ]
        own = row_of(*records).own
        return own.high - own.low

    assert width(["vivid"] * 3 + ["grainy"] * 3) > 1.2 * width([f"aspect{number}" for number in range(6)])


def test_series_that_are_not_certified_are_left_out_of_the_certified_score() -> None:
    row = row_of(series_record([1.0, 2.0, 3.0]), series_record([3.0, 2.0, 1.0], group="h", certified=False))
    assert (row.own.certified_value, row.n_certified) == (0, 1)
    assert row.value > 0


def test_without_an_uncertified_aspect_the_models_that_it_moved_are_left_out() -> None:
    """Of the six mixtures three remain, of which one aspect alone is asked: chance is a third."""
    readings = [(a, 2.0 - b) for a, b in EXACT]
    record = pair_record(readings).model_copy(update={"certified_aspects": (True, False), "certified": False})
    row = row_of(record, scenario="multi_aspect")
    assert (row.own.certified_value, row.own.certified_chance) == (1, pytest.approx(1 / 3))
    assert row.value < 1


def test_models_that_an_uncertified_unasked_aspect_moved_are_left_out_too() -> None:
    record = pair_record(EXACT)
    moved = [one.model_copy(update={"unasked": {"snowy": one.truth[0]}}) for one in record.trials]
    record = record.model_copy(
        update={"trials": tuple(moved), "certified_unasked": {"snowy": False}, "certified": False}
    )
    row = row_of(record, scenario="multi_aspect")
    assert row.own.certified_chance == pytest.approx(1 / 3)


def test_a_group_counts_as_certified_with_all_its_aspects_only() -> None:
    record = pair_record(EXACT).model_copy(update={"certified_aspects": (True, False), "certified": False})
    row = row_of(record, pair_record(EXACT, group="h"), scenario="multi_aspect")
    assert (row.n_certified, row.n_groups) == (1, 2)


def test_a_model_that_is_left_alone_has_no_certified_score() -> None:
    record = group_record("multi_aspect", (trial((0, 0), (0.0, 0.0)), trial((1, 1), (1.0, 1.0))))
    record = record.model_copy(update={"certified_aspects": (True, False), "certified": False})
    assert row_of(record, scenario="multi_aspect").own.certified_value is None


def test_with_every_aspect_uncertified_there_is_no_certified_score() -> None:
    record = pair_record(EXACT).model_copy(update={"certified_aspects": (False, False), "certified": False})
    assert row_of(record, scenario="multi_aspect").own.certified_value is None


def test_naming_counts_every_model_of_a_series() -> None:
    record = series_record([1.0, 2.0])
    right, wrong = record.trials[0], record.trials[1].model_copy(update={"named": "grainy"})
    assert row_of(record.model_copy(update={"trials": (right, wrong)})).naming_accuracy == 0.5


def test_tau_is_one_for_the_true_order_and_undefined_for_a_constant() -> None:
    assert row_of(series_record([1.0, 2.0, 3.0])).tau == pytest.approx(1)
    assert row_of(series_record([1.0, 1.0, 1.0])).tau is None


def test_exact_coordinates_pick_every_model() -> None:
    row = row_of(pair_record(EXACT), scenario="multi_aspect")
    assert (row.value, row.own.n, row.chance) == (1, 1, pytest.approx(1 / 6))


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
    )
    assert [(row.scenario, row.explainer) for row in rows] == [
        ("single_aspect", "b"),
        ("multi_aspect", "b"),
        ("multi_aspect", "finexl"),
    ]


@pytest.mark.parametrize("n_draws", [1, 20])
def test_the_own_score_alone_is_that_of_the_row(n_draws: int) -> None:
    records = [
        series_record([3.0, 2.0, 5.0], group="a", certified=False).model_copy(update={"n_draws": n_draws}),
        series_record([1.0, 2.0, None], group="b").model_copy(update={"n_draws": n_draws}),
    ]
    assert own_score(records, SCENARIOS["single_aspect"].scoring) == row_of(*records).own


def test_of_what_no_truth_is_known_there_is_no_own_score() -> None:
    unknown = versions_record([(1.0, 2.0)] * 2, truths=((), ()))
    assert own_score([unknown], SCENARIOS["versions"].scoring) is None


def test_the_best_row_comes_first_whichever_way_is_better() -> None:
    lower = score_rows(
        [series_record([2.0, 1.0, 3.0], explainer="b"), series_record([1.0, 2.0, 3.0])],
        scorings=scored("single_aspect"),
    )
    assert [row.explainer for row in best_first(lower)] == ["finexl", "b"]
    higher = score_rows(
        [pair_record([(1.0, 1.0)] * 6, explainer="b"), pair_record(EXACT)],
        scorings=scored("multi_aspect"),
    )
    assert [row.explainer for row in best_first(higher)] == ["finexl", "b"]


def test_costs_are_summed_and_left_out_of_what_repeats() -> None:
    row = row_of(series_record([1.0, 2.0]), series_record([1.0, 2.0], group="h"))
    assert (row.seconds, row.vlm_calls) == (3.0, 8)
    assert set(asdict(row)) - set(row.without_cost()) == set(COSTS)


def test_dollars_are_known_where_every_price_is() -> None:
    records = [series_record([1.0, 2.0], group=group) for group in "gh"]
    priced = [
        one.model_copy(update={"cost": one.cost.model_copy(update={"dollars": 0.25})}) for one in records
    ]
    assert (row_of(*priced).dollars, row_of(priced[0], records[1]).dollars) == (0.5, None)


def test_a_row_is_read_back_from_what_was_written() -> None:
    row = row_of(*(series_record([1.0, 3.0, 2.0], group=str(each)) for each in range(5)))
    costs = {name: getattr(row, name) for name in COSTS}
    assert row_from({**json.loads(strict_json(row.without_cost())), **costs}) == row


def test_scoring_twice_gives_the_same_bytes() -> None:
    records = [series_record([1.0, 3.0, 2.0]), series_record([3.0, 1.0, 2.0], group="h")]
    assert strict_json(row_of(*records).without_cost()) == strict_json(row_of(*records).without_cost())


def versions_record(readings, truths=((1, 0), (2, 1)), explainer: str = "finexl") -> GroupRecord:
    trials = tuple(trial(truth, reading) for truth, reading in zip(truths, readings, strict=True))
    return group_record("versions", trials, explainer=explainer)


def test_versions_are_scored_by_how_many_of_their_orders_are_right() -> None:
    row = row_of(versions_record([(0.1, 0.4), (0.3, 0.2)]), scenario="versions")
    own = row.own
    assert (own.name, own.value, own.chance, own.n, own.direction) == (
        "ordering_accuracy",
        0.5,
        0.5,
        1,
        "higher",
    )
    assert own.low is None and row.naming_accuracy is None


def test_versions_of_which_nothing_is_known_have_no_score() -> None:
    record = versions_record([(), ()], truths=((), ()))
    assert score_rows([record], scorings=scored("versions")) == ()
    assert group_score(record, SCENARIOS["versions"].scoring) is None


@pytest.mark.parametrize("scenario", ["strength", "subject"])
def test_other_ladders_are_scored_like_series(scenario: str) -> None:
    record = series_record([1.0, 2.0, 3.0]).model_copy(update={"scenario": scenario})
    row = row_of(record, scenario=scenario)
    assert (row.own.name, row.value, row.naming_accuracy) == ("rank_mae", 0.0, 1.0)


def test_rows_hold_what_the_plain_functions_say_to_the_last_bit() -> None:
    rng = np.random.default_rng(0)
    records = [series_record([*rng.random(7), None], group=str(number)) for number in range(5)]
    errors = [
        rank_mae([one.reading and one.reading[0] for one in record.trials], range(8)) for record in records
    ]
    row = row_of(*records)
    assert (row.value, (row.own.low, row.own.high)) == (fmean(errors), t_interval(errors, ends=(0.0, 4.0)))
    assert dict(row.own.units) == {str(number): error for number, error in enumerate(errors)}
    assert row.chance == rank_mae_chance(8)


def test_a_choice_counts_what_the_plain_credits_say_to_the_last_bit() -> None:
    rng = np.random.default_rng(1)
    records = [
        pair_record([None, *map(tuple, rng.integers(0, 3, (5, 2)) / 3)], group=str(number))
        for number in range(7)
    ]
    means = [fmean(selection_credits([one.reading for one in record.trials], EXACT)) for record in records]
    row = row_of(*records, scenario="multi_aspect")
    assert row.value == fmean(means)
    assert (row.own.low, row.own.high) == t_interval(means, ends=(1.0, 0.0))


def with_divergence(record: GroupRecord, divergence: float) -> GroupRecord:
    """The same with a measured divergence of the mixture of nothing but base images."""
    first = record.trials[0].model_copy(update={"divergence": divergence})
    return record.model_copy(update={"trials": (first, *record.trials[1:])})


def test_the_mixture_that_groups_share_counts_once() -> None:
    """In the second group the shared model would be picked wrongly."""
    right, wrong = pair_record(EXACT), pair_record([None, *EXACT[1:]], group="h")
    shared = row_of(with_divergence(right, 0.01), with_divergence(wrong, 0.01), scenario="multi_aspect")
    apart = row_of(with_divergence(right, 0.01), with_divergence(wrong, 0.02), scenario="multi_aspect")
    assert (shared.value, apart.value) == (1, pytest.approx((1 + 5 / 6) / 2))
    assert [row.find("false_alarms").n for row in (shared, apart)] == [1, 2]


def test_groups_of_one_scenario_may_differ_in_size() -> None:
    row = row_of(series_record([1.0, 2.0]), series_record([None] * 3, group="h"))
    assert row.value == pytest.approx((0 + rank_mae_chance(3)) / 2)
    assert row.chance == pytest.approx((rank_mae_chance(2) + rank_mae_chance(3)) / 2)


def claiming(said, truths=EXACT, *, group: str = "g", track="solo", **facts) -> GroupRecord:
    """The six mixtures of a pair with what was claimed of each; None = unreadable."""
    trials = tuple(
        trial(truth, None if one is None else (0.0, 0.0), read_claims=one or (), **facts).model_copy(
            update={"trial": f"{group}/{number}"}
        )
        for number, (truth, one) in enumerate(zip(truths, said, strict=True))
    )
    return group_record("multi_aspect", trials, group=group, track=track)


PERFECT = [
    claims(**{name: n for name, n in zip(("vivid", "grainy"), truth, strict=True) if n}) for truth in EXACT
]


def others(record: GroupRecord, *more: GroupRecord) -> dict[str, float]:
    return {score.name: score.value for score in row_of(record, *more, scenario="multi_aspect").scores[1:]}


def test_exact_claims_are_perfect_in_every_respect() -> None:
    perfect = {"claim_f1": 1.0, "top_naming": 1.0, "comparability": 1.0, "false_alarms": 0.0}
    assert others(claiming(PERFECT)) == pytest.approx(perfect)


def test_silence_is_right_of_the_model_without_change_only() -> None:
    found = others(claiming([()] * 6))
    assert found == {"claim_f1": 1 / 6, "top_naming": 1 / 6, "comparability": 0.5, "false_alarms": 0.0}


def test_what_is_unreadable_is_right_in_nothing() -> None:
    found = others(claiming([None] * 6))
    assert found == {"claim_f1": 0.0, "top_naming": 0.0, "comparability": 0.5, "false_alarms": 1.0}


def test_only_solo_explainers_are_on_a_scale_of_their_own() -> None:
    assert "comparability" not in others(claiming(PERFECT, track="joint"))


def test_models_of_different_groups_are_compared_in_the_aspects_that_groups_share() -> None:
    """The second group's amounts are ten times as large: right inside, on another scale across."""
    large = [tuple(one.model_copy(update={"amount": 10 * one.amount}) for one in said) for said in PERFECT]
    found = others(claiming(PERFECT), claiming(large, group="h"))
    assert 0.8 < found["comparability"] < 1


def test_an_unasked_aspect_is_part_of_the_truth() -> None:
    said = [(*one, *claims(snowy=0.5)) for one in PERFECT]
    assert others(claiming(said, unasked={"snowy": 1}))["claim_f1"] == 1
    assert others(claiming(said))["claim_f1"] < 1


def test_a_scenario_of_unchanged_models_is_scored_by_false_alarms_alone() -> None:
    record = claiming([(), *[claims(vivid=1.0)] * 5], [(0, 0)] * 6)
    (row,) = score_rows([record], scorings={"multi_aspect": SILENCE})
    (score,) = row.scores
    assert (score.name, score.value, score.chance, score.direction) == ("false_alarms", 5 / 6, 1, "lower")
    assert group_score(record, SILENCE) == 5 / 6


def test_chance_is_that_of_guesses_about_each_model() -> None:
    row = row_of(claiming(PERFECT), scenario="multi_aspect")
    top = row.find("top_naming")
    assert top is not None and top.chance == pytest.approx((0 + 1 + 1 + 1 + 2 + 1) / 32 / 6)
