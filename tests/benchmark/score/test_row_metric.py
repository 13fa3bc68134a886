"""What all metrics share: facts, and rows that are gathered piece by piece."""

import pickle

import pytest
import torch
from torch import tensor

from benchmark.score.facts import Direction
from benchmark.score.naming_accuracy import NamingAccuracy, naming_facts
from benchmark.score.ordering_accuracy import OrderingAccuracy
from benchmark.score.rank_mae import RankMAE, rank_mae, rank_mae_facts
from benchmark.score.selection_accuracy import SelectionAccuracy, selection_facts
from finexl.errors import InvalidInputError

NAN = float("nan")


def filled() -> RankMAE:
    metric = RankMAE(n_levels=3)
    metric.update(
        tensor([0, 0, 1]), tensor([0, 1, 2]), tensor([[1], [2], [3]]), tensor([[0.2], [0.1], [NAN]])
    )
    metric.update(
        tensor([1, 1, 0]), tensor([0, 1, 2]), tensor([[1], [2], [3]]), tensor([[5.0], [5.0], [0.9]])
    )
    return metric


def test_rows_may_come_in_any_order() -> None:
    expected = (rank_mae([0.2, 0.1, 0.9], (1, 2, 3)) + rank_mae([5.0, 5.0, None], (1, 2, 3))) / 2
    assert filled().compute().item() == expected


def test_rows_seen_twice_count_once() -> None:
    metric = filled()
    before = metric.compute().item()
    metric.update(tensor([1, 0]), tensor([1, 0]), tensor([[2], [1]]), tensor([[5.0], [0.2]]))
    assert metric.compute().item() == before


def test_ids_that_floats_cannot_tell_apart_are_kept_apart() -> None:
    metric = RankMAE(n_levels=2)
    for group, read in ((2**60, [(1.0,), (2.0,)]), (2**60 + 1, [(2.0,), (1.0,)])):
        metric.update_group([(1,), (2,)], read, group=group)
    assert metric.compute().item() == 0.5


def test_a_metric_survives_pickling() -> None:
    metric = pickle.loads(pickle.dumps(filled()))
    assert metric.compute() == filled().compute()


def test_a_state_that_was_gathered_into_one_tensor_is_read() -> None:
    metric = filled()
    metric.whole, metric.numbers = torch.cat(metric.whole), torch.cat(metric.numbers)  # type: ignore[assignment]  # what torchmetrics does after a sync
    assert metric.compute() == filled().compute()


def test_reset_forgets() -> None:
    metric = filled()
    metric.reset()
    with pytest.warns(UserWarning, match="before"), pytest.raises(InvalidInputError):
        metric.compute()


def test_a_model_needs_one_reading_per_aspect() -> None:
    with pytest.raises(InvalidInputError, match="one finite number per aspect"):
        SelectionAccuracy(2).update_group([(0, 1), (1, 0)], [(1.0,), (2.0, 0.0)])


@pytest.mark.parametrize(
    ("metric", "chance", "higher"),
    [(RankMAE(10), 3.3, False), (SelectionAccuracy(6), 1 / 6, True), (NamingAccuracy(16), 1 / 16, True)],
)
def test_classes_state_chance_and_direction(metric, chance: float, higher: bool) -> None:
    assert metric.chance() == pytest.approx(chance)
    assert metric.higher_is_better is higher


def test_facts_say_which_way_is_better() -> None:
    directions = [facts.direction for facts in (rank_mae_facts(10), selection_facts(6), naming_facts(16))]
    assert directions == [Direction.LOWER, Direction.HIGHER, Direction.HIGHER]


@pytest.mark.parametrize(("facts", "chance"), [(rank_mae_facts(10), 3.3), (naming_facts(16), 1 / 16)])
def test_facts_state_chance(facts, chance: float) -> None:
    assert facts.chance == pytest.approx(chance)


@pytest.mark.parametrize("metric", [RankMAE, OrderingAccuracy])
@pytest.mark.parametrize("n", [-1, 0, 1])
def test_an_order_of_fewer_than_two_models_is_refused(metric: type, n: int) -> None:
    with pytest.raises(InvalidInputError, match="at least two levels"):
        metric(n)


@pytest.mark.parametrize("n", [2, 4])
def test_a_series_of_another_length_than_the_metrics_is_refused(n: int) -> None:
    metric = RankMAE(3)
    metric.update_group([(level,) for level in range(n)], [(float(level),) for level in range(n)])
    with pytest.raises(InvalidInputError, match=f"Group 0 has {n}"):
        metric.compute()


ROWS = (tensor([0, 0]), tensor([0, 1]))


def test_a_reading_of_which_a_part_is_missing_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="NaN in all aspects"):
        SelectionAccuracy(2).update(*ROWS, tensor([[1, 0], [0, 1]]), tensor([[NAN, 1.0], [0.0, 1.0]]))


def test_every_row_has_as_many_aspects() -> None:
    metric = SelectionAccuracy(2)
    metric.update(*ROWS, tensor([[1], [2]]), tensor([[0.1], [0.2]]))
    with pytest.raises(InvalidInputError, match="as many aspects in every row"):
        metric.update(*ROWS, tensor([[1, 0], [0, 1]]), tensor([[0.1, 1.0], [0.0, 1.0]]))


def test_groups_without_a_number_are_counted_one_by_one() -> None:
    metric = RankMAE(2)
    for read in ([(1.0,), (2.0,)], [(2.0,), (1.0,)], [(2.0,), (1.0,)], [(2.0,), (1.0,)]):
        metric.update_group([(1,), (2,)], read)
    assert metric.compute().item() == 0.75


def test_one_row_with_two_truths_is_refused() -> None:
    metric = RankMAE(2)
    for truths in ([(1,), (2,)], [(2,), (1,)]):
        metric.update_group(truths, [(1.0,), (2.0,)], group=0)
    with pytest.raises(InvalidInputError, match="ids of its own"):
        metric.compute()


def test_a_series_of_two_aspects_is_refused() -> None:
    metric = RankMAE(2)
    metric.update_group([(1, 0), (2, 0)], [(0.1, 0.0), (0.2, 0.0)])
    with pytest.raises(InvalidInputError, match="one aspect"):
        metric.compute()
