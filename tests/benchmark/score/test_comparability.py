"""Comparability against a naive count of pairs, its stated chance, and laws."""

from itertools import combinations

import numpy as np
import pytest
import torch
from torch import tensor

from benchmark.score.comparability import Comparability, comparability, influences
from finexl.errors import InvalidInputError

NAN = float("nan")
RNG = np.random.default_rng(0)


def naive(levels: np.ndarray, amounts: np.ndarray) -> float:
    shares = []
    for aspect in range(levels.shape[1]):
        credits = []
        for one, other in combinations(range(len(levels)), 2):
            true = levels[one, aspect] - levels[other, aspect]
            claimed = amounts[one, aspect] - amounts[other, aspect]
            if not np.isnan(true) and true != 0:
                credits.append(0.5 if np.isnan(claimed) or claimed == 0 else float(true * claimed > 0))
        if credits:
            shares.append(np.mean(credits))
    return float(np.mean(shares))


def test_it_agrees_with_a_naive_count_of_pairs() -> None:
    for _ in range(20):
        levels, amounts = (RNG.integers(0, 3, (7, 3)).astype(float) for _ in range(2))
        levels[RNG.random((7, 3)) < 0.2] = NAN
        amounts[RNG.integers(7)] = NAN
        assert comparability(levels, amounts) == pytest.approx(naive(levels, amounts))


def test_amounts_on_one_scale_score_one_and_the_reverse_zero() -> None:
    levels = RNG.integers(0, 3, (8, 2)).astype(float)
    assert comparability(levels, np.exp(levels)) == 1
    assert comparability(levels, -levels) == 0


def test_amounts_scaled_by_group_are_not_on_one_scale() -> None:
    levels = np.array([[0.0], [1.0], [2.0], [0.0], [1.0], [2.0]])
    scaled = levels * np.array([[1.0], [1.0], [1.0], [10.0], [10.0], [10.0]])
    assert comparability(levels[:3], scaled[:3]) == 1
    assert comparability(levels, scaled) == pytest.approx(11 / 12)


@pytest.mark.parametrize("amounts", [np.zeros((6, 2)), np.full((6, 2), NAN), np.full((6, 2), 3.0)])
def test_silence_refusal_and_a_constant_are_half_right(amounts: np.ndarray) -> None:
    assert comparability(RNG.permuted(np.arange(12.0)).reshape(6, 2), amounts) == 0.5


def test_a_random_explainer_scores_its_stated_chance() -> None:
    levels = np.tile([[0.0, 0.0], [0.0, 2.0], [1.0, 1.0], [2.0, 0.0]], (3, 1))
    scores = [comparability(levels, RNG.random(levels.shape)) for _ in range(500)]
    assert np.mean(scores) == pytest.approx(Comparability().chance(), abs=0.02)


def test_only_the_order_of_amounts_matters() -> None:
    levels, amounts = RNG.integers(0, 3, (8, 2)).astype(float), RNG.normal(size=(8, 2))
    assert comparability(levels, np.exp(5 * amounts)) == comparability(levels, amounts)


def test_claims_beside_the_truth_change_nothing() -> None:
    """What is claimed of aspects in which no models differ: hedges and padding."""
    levels, amounts = RNG.integers(0, 3, (8, 2)).astype(float), RNG.random((8, 2))
    padded = (
        np.concatenate([levels, np.zeros((8, 5))], axis=1),
        np.concatenate([amounts, RNG.random((8, 5))], axis=1),
    )
    assert comparability(*padded) == comparability(levels, amounts)


def test_models_that_do_not_differ_cannot_be_compared() -> None:
    assert comparability(np.ones((3, 2)), RNG.random((3, 2))) is None


def test_influences_of_groups_have_the_score_for_their_mean() -> None:
    levels, amounts = RNG.integers(0, 3, (12, 2)).astype(float), RNG.random((12, 2))
    units = influences(levels, amounts, [*"aaabbbcccddd"])
    assert units is not None and [*units] == [*"abcd"]
    assert np.mean([*units.values()]) == pytest.approx(comparability(levels, amounts))


def test_the_influence_of_a_group_without_which_nothing_differs_is_unknown() -> None:
    assert influences(np.array([[0.0], [1.0], [1.0]]), np.ones((3, 1)), [*"aab"]) is None
    assert influences(np.array([[0.0], [1.0]]), np.ones((2, 1)), [*"aa"]) is None


def test_the_class_agrees_with_the_function_whatever_the_order_of_rows() -> None:
    levels, amounts = RNG.integers(0, 3, (6, 2)).astype(float), RNG.random((6, 2))
    metric = Comparability()
    for start in (3, 0):
        rows = slice(start, start + 3)
        metric.update(torch.full((3,), start), torch.arange(3), tensor(levels[rows]), tensor(amounts[rows]))
    assert metric.compute().item() == pytest.approx(comparability(levels, amounts))


def test_the_class_needs_models_that_differ() -> None:
    metric = Comparability()
    metric.update(tensor([0, 0]), tensor([0, 1]), tensor([[1.0], [1.0]]), tensor([[1.0], [2.0]]))
    with pytest.raises(InvalidInputError, match="two models that differ"):
        metric.compute()
