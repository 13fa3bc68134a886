"""RankMAE against closed forms, naive versions and laws."""

from itertools import permutations

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from torch import tensor

from benchmark.score.rank_mae import (
    RankMAE,
    rank_errors,
    rank_mae,
    rank_mae_chance,
    rank_mae_constant,
    rank_mae_facts,
)
from finexl.errors import InvalidInputError

LEVELS = tuple(range(1, 11))


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


def test_the_class_is_the_mean_over_series() -> None:
    metric = RankMAE(n_levels=3)
    levels, scores = tensor([[1], [2], [3]]), [[0.2, 0.1, 0.9], [5.0, 5.0, float("nan")]]
    for series in range(2):
        read = tensor(scores[series], dtype=torch.float64)[:, None]
        metric.update(torch.full((3,), series), torch.arange(3), levels, read)
    expected = (rank_mae([0.2, 0.1, 0.9], (1, 2, 3)) + rank_mae([5.0, 5.0, None], (1, 2, 3))) / 2
    assert metric.compute().item() == expected


@pytest.mark.parametrize("n_levels", [0, 1])
def test_a_metric_of_fewer_than_two_levels_is_an_error(n_levels: int) -> None:
    with pytest.raises(InvalidInputError, match=f"at least two levels. Got {n_levels}"):
        RankMAE(n_levels)


@pytest.mark.parametrize("n_levels", [2, 4])
def test_a_series_of_another_length_than_the_metrics_is_an_error(n_levels: int) -> None:
    metric = RankMAE(3)
    metric.update_group([(level,) for level in range(n_levels)], [(1.0,)] * n_levels, group=7)
    with pytest.raises(InvalidInputError, match=f"over 3 models must have that many. Group 7 has {n_levels}"):
        metric.compute()


@pytest.mark.parametrize("n_silent", range(1, 10))
def test_silence_at_low_levels_is_never_worse_than_a_guess(n_silent: int) -> None:
    """The lowest levels read 0, which ties; a guess is drawn below the others, or from where any level could be."""
    rng, right = np.random.default_rng(n_silent), [float(level) for level in LEVELS[n_silent:]]
    silent = rank_mae([0.0] * n_silent + right, LEVELS)
    for top in (right[0], 10.0):
        guesses = [rank_mae([*rng.uniform(0, top, n_silent), *right], LEVELS) for _ in range(300)]
        assert silent <= np.mean(guesses)
    refused = [None] * n_silent
    assert silent <= rank_mae([*refused, *right], LEVELS)


def test_silence_about_every_level_is_a_constant() -> None:
    assert rank_mae([0.0] * 10, LEVELS) == rank_mae_constant(10) < rank_mae_chance(10)
