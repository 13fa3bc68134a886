"""The torchmetrics classes against the functions they are made of."""

import pickle

import numpy as np
import pytest
import torch
from torch import tensor

from benchmark.score.metrics import naming_accuracy, rank_mae, selection_credits
from benchmark.score.torch_metrics import NamingAccuracy, RankMAE, SelectionAccuracy
from finetune.recipe import lattice
from finexl.errors import InvalidInputError

NAN = float("nan")
SIX = tuple(mixture.parts for mixture in lattice(2, 2))


def filled_rank_mae() -> RankMAE:
    metric = RankMAE(n_levels=3)
    metric.update(tensor([0, 0, 1]), tensor([1, 2, 3]), tensor([0.2, 0.1, NAN]))
    metric.update(tensor([1, 1, 0]), tensor([1, 2, 3]), tensor([5.0, 5.0, 0.9]))
    return metric


def test_rank_mae_is_the_mean_over_series() -> None:
    expected = (rank_mae([0.2, 0.1, 0.9], (1, 2, 3)) + rank_mae([5.0, 5.0, None], (1, 2, 3))) / 2
    assert filled_rank_mae().compute().item() == pytest.approx(expected)


def test_rows_seen_twice_count_once() -> None:
    metric = filled_rank_mae()
    before = metric.compute().item()
    metric.update(tensor([1, 0]), tensor([2, 1]), tensor([5.0, 0.2]))
    assert metric.compute().item() == before


def test_rank_mae_survives_pickling() -> None:
    metric = pickle.loads(pickle.dumps(filled_rank_mae()))
    assert metric.compute() == filled_rank_mae().compute()


def test_rank_mae_works_on_a_state_that_was_gathered_into_one_tensor() -> None:
    metric = filled_rank_mae()
    metric.rows = torch.cat(metric.rows)  # type: ignore[assignment]  # what torchmetrics does after a sync
    assert metric.compute() == filled_rank_mae().compute()


def test_reset_forgets() -> None:
    metric = filled_rank_mae()
    metric.reset()
    with pytest.warns(UserWarning, match="before"), pytest.raises(InvalidInputError):
        metric.compute()


def test_selection_accuracy_agrees_with_the_credits() -> None:
    rng = np.random.default_rng(0)
    readings = rng.random((2, 6, 2))
    metric = SelectionAccuracy(n_models=6)
    for group in range(2):
        metric.update(torch.full((6,), group), tensor(SIX), tensor(readings[group]))
    expected = np.mean([selection_credits(part.tolist(), SIX) for part in readings])
    assert metric.compute().item() == pytest.approx(expected)


def test_selection_accuracy_misses_what_is_unreadable() -> None:
    metric = SelectionAccuracy(n_models=6)
    readings = tensor(SIX, dtype=torch.float64)
    readings[3, 1] = NAN
    metric.update(torch.zeros(6, dtype=torch.long), tensor(SIX), readings)
    given = [None if index == 3 else tuple(map(float, parts)) for index, parts in enumerate(SIX)]
    assert metric.compute().item() == pytest.approx(np.mean(selection_credits(given, SIX)))


def test_naming_accuracy_agrees_with_the_function() -> None:
    metric = NamingAccuracy(n_aspects=16)
    metric.update(tensor([0, 1, 2]), tensor([4, -1, 2]), tensor([4, 4, 3]))
    metric.update(tensor([2]), tensor([2]), tensor([3]))
    expected = naming_accuracy(["a", None, "c"], ["a", "a", "d"])
    assert metric.compute().item() == pytest.approx(expected)


@pytest.mark.parametrize(
    ("metric", "chance", "higher"),
    [(RankMAE(10), 3.3, False), (SelectionAccuracy(6), 1 / 6, True), (NamingAccuracy(16), 1 / 16, True)],
)
def test_classes_state_chance_and_direction(metric, chance: float, higher: bool) -> None:
    assert metric.chance() == pytest.approx(chance)
    assert metric.higher_is_better is higher
