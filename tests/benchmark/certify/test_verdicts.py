"""An aspect is certified where what was measured of it grows with its level, from above the floor."""

from itertools import combinations

import numpy as np
import pytest

from benchmark.certify.verdicts import is_certified, tau_of_levels

LATTICE = (0, 0, 0, 1, 1, 2)
"""Levels of one aspect in the six mixtures of two in halves."""


def test_a_rising_ladder_is_certified_and_a_flat_or_falling_one_is_not() -> None:
    assert is_certified([1, 2, 3, 4], [0.1, 0.2, 0.3, 0.4], 0.0)
    assert not is_certified([1, 2, 3, 4], [0.1, 0.1, 0.1, 0.1], 0.0)
    assert not is_certified([1, 2, 3, 4], [0.4, 0.3, 0.2, 0.1], 0.0)


def test_one_swap_of_ten_levels_is_forgiven_and_five_are_not() -> None:
    levels = list(range(1, 11))
    assert is_certified(levels, [1.0, 2.0, 4.0, 3.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0], 0.0)
    assert not is_certified(levels, [2.0, 1.0, 4.0, 3.0, 6.0, 5.0, 8.0, 7.0, 10.0, 9.0], 0.0)


def test_a_ladder_that_begins_below_the_floor_is_not_certified() -> None:
    assert is_certified([1, 2, 3], [0.11, 0.2, 0.3], 0.1)
    assert not is_certified([1, 2, 3], [0.1, 0.2, 0.3], 0.1)


def test_of_several_models_of_the_lowest_level_the_mean_counts() -> None:
    assert is_certified(LATTICE, [0.0, 0.01, 0.02, 0.09, 0.13, 0.4], 0.1)
    assert not is_certified(LATTICE, [0.0, 0.01, 0.02, 0.09, 0.1, 0.4], 0.1)


def test_models_of_the_base_alone_need_not_exceed_the_floor() -> None:
    assert is_certified([0, 1], [0.0, 0.2], 0.1)


def test_in_a_mixture_the_other_aspect_may_move_models_of_one_level_apart() -> None:
    assert tau_of_levels(LATTICE, [0.3, 0.0, 0.1, 0.7, 0.5, 0.9]) == 1
    assert tau_of_levels(LATTICE, [0.6, 0.0, 0.1, 0.7, 0.5, 0.9]) == pytest.approx(9 / 11)


def test_tau_counts_pairs_that_differ_in_level() -> None:
    rng = np.random.default_rng(0)
    levels, amounts = rng.integers(0, 4, 12).tolist(), rng.integers(0, 6, 12).astype(float).tolist()
    pairs = [pair for pair in combinations(range(12), 2) if levels[pair[0]] != levels[pair[1]]]
    agree = [np.sign((levels[i] - levels[j]) * (amounts[i] - amounts[j])) for i, j in pairs]
    assert tau_of_levels(levels, amounts) == pytest.approx(np.mean(agree))


def test_an_aspect_that_no_model_has_needs_no_proof() -> None:
    assert is_certified([0, 0], [0.3, -0.1], 0.1)


def test_an_aspect_that_was_not_measured_is_not_certified() -> None:
    assert not is_certified([1, 2], [None, None], None)
