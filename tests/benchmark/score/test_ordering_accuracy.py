"""OrderingAccuracy against a naive count of signs."""

import itertools

import numpy as np
import pytest
from torch import tensor

from benchmark.score.ordering_accuracy import OrderingAccuracy, ordering_credits, ordering_facts
from finexl.errors import InvalidInputError


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
    assert ordering_facts().chance == 0.5


def test_an_order_needs_a_reading_for_every_model() -> None:
    with pytest.raises(InvalidInputError, match="one reading per model"):
        ordering_credits([(1.0,)], [(1,), (2,)])


def test_the_class_counts_versions_that_are_known_to_be_alike_apart() -> None:
    metric = OrderingAccuracy(n_models=3)
    amounts, readings = tensor([[0], [0], [1]]), tensor([[0.1], [0.3], [0.2]])
    metric.update(tensor([0, 0, 0]), tensor([0, 1, 2]), amounts, readings)
    assert metric.compute().item() == 0.5


def test_the_class_needs_an_order() -> None:
    metric = OrderingAccuracy(n_models=2)
    metric.update_group([(1,), (1,)], [(1.0,), (2.0,)])
    with pytest.raises(InvalidInputError, match="a truth is known"):
        metric.compute()
