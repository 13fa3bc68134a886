"""SelectionAccuracy against closed forms, naive versions and laws."""

from itertools import permutations, product

import numpy as np
import pytest
import torch
from torch import tensor

from benchmark.score.selection_accuracy import SelectionAccuracy, picks, selection_credits, selection_facts
from finetune.recipe import lattice
from finexl.errors import InvalidInputError

SIX = tuple(mixture.parts for mixture in lattice(2, 2))


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


def test_the_lattice_has_every_coordinate_once() -> None:
    assert set(SIX) == {(a, b) for a, b in product(range(3), repeat=2) if a + b <= 2}


def test_the_class_agrees_with_the_credits() -> None:
    readings = np.random.default_rng(0).random((2, 6, 2))
    metric = SelectionAccuracy(n_models=6)
    for group in range(2):
        metric.update(torch.full((6,), group), torch.arange(6), tensor(SIX), tensor(readings[group]))
    expected = np.mean([selection_credits(part.tolist(), SIX) for part in readings])
    assert metric.compute().item() == pytest.approx(expected)


def test_the_class_misses_what_is_unreadable() -> None:
    metric = SelectionAccuracy(n_models=6)
    readings = tensor(SIX, dtype=torch.float64)
    readings[3] = float("nan")
    metric.update(torch.zeros(6, dtype=torch.long), torch.arange(6), tensor(SIX), readings)
    given = [None if index == 3 else tuple(map(float, parts)) for index, parts in enumerate(SIX)]
    assert metric.compute().item() == pytest.approx(np.mean(selection_credits(given, SIX)))


def test_a_choice_among_no_models_is_an_error() -> None:
    with pytest.raises(InvalidInputError, match="at least one of the models"):
        SelectionAccuracy(0)
