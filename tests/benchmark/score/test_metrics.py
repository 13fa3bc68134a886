"""Scores against closed forms, naive versions and laws."""

import itertools
from itertools import permutations, product

import numpy as np
import pytest
from numpy.testing import assert_allclose

from benchmark.score.metrics import (
    Direction,
    kendall_tau_b,
    naming_accuracy,
    naming_facts,
    ordering_credits,
    ordering_facts,
    picks,
    rank_errors,
    rank_mae,
    rank_mae_chance,
    rank_mae_constant,
    rank_mae_facts,
    selection_credits,
    selection_facts,
)
from finetune.recipe import lattice
from finexl.errors import InvalidInputError

LEVELS = tuple(range(1, 11))
SIX = tuple(mixture.parts for mixture in lattice(2, 2))


def naive_expected_mae(scores: tuple[float, ...]) -> float:
    """RankMAE by brute force: the mean over every way to break ties by order."""
    n = len(scores)
    wins = [[(score > other) + (score == other) / 2 for other in scores] for score in scores]
    ranks = [sum(row) + 0.5 for row in wins]
    return sum(abs(rank - (index + 1)) for index, rank in enumerate(ranks)) / n


def test_the_right_order_scores_zero() -> None:
    assert rank_mae([0.1 * level for level in LEVELS], LEVELS) == 0


def test_the_reversed_order_scores_the_worst_value() -> None:
    assert rank_mae([-float(level) for level in LEVELS], LEVELS) == rank_mae_facts(10).worst == 5.0


@pytest.mark.parametrize("n", [2, 3, 5, 8, 10])
def test_no_order_is_worse_than_the_reversed_one(n: int) -> None:
    rng = np.random.default_rng(n)
    assert (
        max(rank_mae(rng.permutation(n).astype(float).tolist(), range(n)) for _ in range(50))
        <= rank_mae_facts(n).worst
    )


def test_a_constant_answer_scores_two_and_a_half_at_ten_levels() -> None:
    assert rank_mae([7.0] * 10, LEVELS) == rank_mae_constant(10) == 2.5


@pytest.mark.parametrize(("n", "expected"), [(3, 0.667), (5, 1.2), (8, 2.0), (10, 2.5)])
def test_a_constant_answer_scores_its_closed_form(n: int, expected: float) -> None:
    assert (
        rank_mae([0.0] * n, range(n))
        == pytest.approx(rank_mae_constant(n))
        == pytest.approx(expected, abs=1e-3)
    )


@pytest.mark.parametrize("n", [2, 3, 4, 5, 6])
def test_chance_is_the_mean_over_all_orders(n: int) -> None:
    every = [rank_mae(order, range(n)) for order in permutations(map(float, range(n)))]
    assert np.mean(every) == pytest.approx(rank_mae_chance(n))


def test_random_scores_come_close_to_chance() -> None:
    rng = np.random.default_rng(0)
    scores = [rank_mae(rng.random(10).tolist(), LEVELS) for _ in range(1000)]
    assert np.mean(scores) == pytest.approx(rank_mae_chance(10), abs=4 * 0.71 / 1000**0.5)


def test_ties_share_their_average_rank() -> None:
    scores = (1.0, 1.0, 2.0, 2.0, 2.0, 0.0)
    assert rank_mae(scores, range(6)) == pytest.approx(naive_expected_mae(scores))


def test_a_perfect_scale_of_two_steps_scores_its_known_value() -> None:
    assert rank_mae([0.0] * 5 + [1.0] * 5, LEVELS) == pytest.approx(1.2)


def test_presentation_order_does_not_matter() -> None:
    rng = np.random.default_rng(1)
    scores = [0.3, None, 0.1, 0.1, 0.9, None, 0.2]
    for order in (rng.permutation(7) for _ in range(10)):
        shuffled = rank_mae([scores[i] for i in order], [int(i) for i in order])
        assert shuffled == pytest.approx(rank_mae(scores, range(7)))


def test_monotone_transforms_do_not_matter() -> None:
    scores = np.random.default_rng(2).normal(size=10)
    assert rank_mae(np.exp(3 * scores).tolist(), LEVELS) == rank_mae(scores.tolist(), LEVELS)


@pytest.mark.parametrize("n", [2, 3, 5, 8, 10])
def test_nothing_readable_scores_exactly_chance(n: int) -> None:
    assert rank_mae([None] * n, range(n)) == pytest.approx(rank_mae_chance(n), abs=1e-12)


def test_an_unreadable_model_costs_the_expected_error_of_a_random_rank() -> None:
    errors = rank_errors([None, 1.0, 2.0], (1, 2, 3))
    assert errors[0] == pytest.approx((0 + 1 + 2) / 3)


def test_readable_models_stand_where_they_do_on_average_among_the_others() -> None:
    errors = rank_errors([1.0, 2.0, None], (1, 2, 3))
    assert_allclose(errors[:2], [abs(4 / 3 - 1), abs(8 / 3 - 2)])


@pytest.mark.parametrize("scores", [[1.0, float("nan")], [1.0, float("inf")]])
def test_scores_that_are_not_finite_raise(scores: list[float]) -> None:
    with pytest.raises(InvalidInputError, match="finite"):
        rank_mae(scores, (1, 2))


@pytest.mark.parametrize(
    ("scores", "levels"), [([], []), ([1.0], [1]), ([1.0, 2.0], [1, 1]), ([1.0, 2.0], [1, 2, 3])]
)
def test_a_series_without_an_order_raises(scores: list[float], levels: list[int]) -> None:
    with pytest.raises(InvalidInputError):
        rank_mae(scores, levels)


def test_tau_is_one_for_the_right_order_and_ignores_what_is_unreadable() -> None:
    assert kendall_tau_b([1.0, None, 2.0, 5.0], (1, 2, 3, 4)) == pytest.approx(1.0)


@pytest.mark.parametrize("scores", [[1.0, 1.0, 1.0], [None, None, 1.0], [None, None, None]])
def test_tau_is_none_where_it_is_undefined(scores: list[float | None]) -> None:
    assert kendall_tau_b(scores, (1, 2, 3)) is None


def test_true_coordinates_are_picked_whatever_their_scale() -> None:
    readings = [(3 + 0.1 * a, -40 + 20.0 * b) for a, b in SIX]
    assert selection_credits(readings, SIX) == (1.0,) * 6


def test_a_constant_explainer_is_right_one_time_in_six_exactly() -> None:
    assert sum(selection_credits([(1.0, 1.0)] * 6, SIX)) / 6 == pytest.approx(
        selection_facts(6).chance, abs=1e-15
    )


def test_constant_readings_with_rounding_noise_are_constant() -> None:
    readings = [(1.0 + 1e-13 * i, 5.0) for i in range(6)]
    assert selection_credits(readings, SIX) == pytest.approx((1 / 6,) * 6)


def test_random_readings_are_right_about_one_time_in_six() -> None:
    rng = np.random.default_rng(3)
    credit = [np.mean(selection_credits(rng.random((6, 2)).tolist(), SIX)) for _ in range(2000)]
    assert np.mean(credit) == pytest.approx(1 / 6, abs=4 * 0.15 / 2000**0.5)


def test_a_random_matching_of_models_is_right_one_time_in_six_on_average() -> None:
    readings = [tuple(map(float, parts)) for parts in SIX]
    every = [np.mean(selection_credits(order, SIX)) for order in permutations(readings)]
    assert np.mean(every) == pytest.approx(1 / 6)


def test_one_aspect_alone_shares_credit_among_the_models_that_it_does_not_tell_apart() -> None:
    readings = [(float(a), 0.0) for a, _ in SIX]
    counts = {a: sum(other == a for other, _ in SIX) for a, _ in SIX}
    assert selection_credits(readings, SIX) == tuple(1 / counts[a] for a, _ in SIX)


def test_an_unreadable_model_is_never_picked_and_its_coordinate_is_a_miss() -> None:
    readings = [None if index == 3 else tuple(map(float, parts)) for index, parts in enumerate(SIX)]
    assert 3 not in set().union(*picks(readings, SIX))
    assert selection_credits(readings, SIX)[3] == 0


def test_nothing_readable_picks_nothing() -> None:
    assert selection_credits([None] * 6, SIX) == (0.0,) * 6


def test_picks_follow_models_when_they_are_presented_in_another_order() -> None:
    rng = np.random.default_rng(4)
    readings, order = rng.random((6, 2)), rng.permutation(6)
    shuffled = picks(readings[order].tolist(), SIX)
    assert [{int(order[i]) for i in chosen} for chosen in shuffled] == [
        set(c) for c in picks(readings.tolist(), SIX)
    ]


def test_picks_do_not_depend_on_the_scale_of_an_aspect() -> None:
    readings = np.random.default_rng(5).random((6, 2))
    assert picks((readings * [100.0, 0.01] + [5, -3]).tolist(), SIX) == picks(readings.tolist(), SIX)


def test_picks_agree_with_a_naive_search() -> None:
    readings = np.random.default_rng(6).random((6, 2))
    scaled = (readings - readings.min(axis=0)) / (readings.max(axis=0) - readings.min(axis=0)) * 2
    naive = [
        min(range(6), key=lambda i: sum((scaled[i][k] - wish[k]) ** 2 for k in range(2))) for wish in SIX
    ]
    assert [set(chosen) for chosen in picks(readings.tolist(), SIX)] == [{index} for index in naive]


def test_readings_that_are_not_finite_raise() -> None:
    with pytest.raises(InvalidInputError, match="finite"):
        picks([(float("nan"), 1.0)] * 6, SIX)


def test_naming_counts_what_is_named_and_right() -> None:
    assert naming_accuracy(["vivid", None, "sepia", "dark"], ["vivid", "vivid", "sepia", "sepia"]) == 0.5


def test_naming_of_nothing_raises() -> None:
    with pytest.raises(InvalidInputError):
        naming_accuracy([], [])


def test_facts_say_which_way_is_better() -> None:
    directions = [facts.direction for facts in (rank_mae_facts(10), selection_facts(6), naming_facts(16))]
    assert directions == [Direction.LOWER, Direction.HIGHER, Direction.HIGHER]


@pytest.mark.parametrize(("facts", "chance"), [(rank_mae_facts(10), 3.3), (naming_facts(16), 1 / 16)])
def test_facts_state_chance(facts, chance: float) -> None:
    assert facts.chance == pytest.approx(chance)


def test_the_lattice_has_every_coordinate_once() -> None:
    assert set(SIX) == {(a, b) for a, b in product(range(3), repeat=2) if a + b <= 2}


def naive_orders(readings, amounts) -> list[float]:
    credits = []
    for i, j in itertools.combinations(range(len(readings)), 2):
        for aspect in range(len(amounts[0])):
            true = np.sign(amounts[i][aspect] - amounts[j][aspect])
            if true:
                read = np.sign(readings[i][aspect] - readings[j][aspect])
                credits.append((1 + true * read) / 2)
    return credits


def test_orders_are_credited_like_a_naive_count_of_agreeing_signs() -> None:
    rng = np.random.default_rng(3)
    for _ in range(20):
        readings, amounts = (
            rng.integers(0, 3, (4, 2)).astype(float).tolist(),
            rng.integers(0, 3, (4, 2)).tolist(),
        )
        assert list(ordering_credits(readings, amounts)) == naive_orders(readings, amounts)


def test_what_cannot_be_read_says_nothing_of_the_order() -> None:
    assert ordering_credits([None, (1.0,), (2.0,)], [(0,), (1,), (2,)]) == (0.5, 0.5, 1.0)


def test_models_that_are_known_to_be_alike_have_no_order() -> None:
    assert ordering_credits([(1.0,), (2.0,)], [(1,), (1,)]) == ()


def test_random_orders_are_worth_a_half() -> None:
    assert ordering_facts(2).chance == 0.5


def test_an_order_needs_a_reading_for_every_model() -> None:
    with pytest.raises(InvalidInputError, match="one reading per model"):
        ordering_credits([(1.0,)], [(1,), (2,)])
