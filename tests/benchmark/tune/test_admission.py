"""Every order meets every threshold, and the choice follows means and not a lucky cell."""

from collections.abc import Sequence
from pathlib import Path
from statistics import fmean

import pytest
import torch
from PIL import Image

from benchmark.plan.trials import Group, Probe, Trial
from benchmark.record.records import Reading
from benchmark.tune.admission import (
    E_ORTHO,
    N_SHUFFLES,
    ORDERS,
    RANDOM,
    Cell,
    Judge,
    Proposed,
    Sweep,
    cells,
    lines,
)
from benchmark.tune.figure import draw_sweep
from finetune.recipe import Released
from finexl.settings import FineXLSettings
from finexl.values import ScoredExplanation

LATTICE = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (2, 0))
NAMES = ("left", "right", "slanted")
VECTORS = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.9, 0.44]], dtype=torch.float64)
"""Of left, right and slanted; slanted is nearly left."""


class Sums:
    """A reader that knows two words."""

    id = "sums"

    def read_levels(self, explanation, aspects: Sequence[str], *, corpus_aspects: Sequence[str]) -> Reading:
        assert isinstance(explanation, ScoredExplanation)
        told = {claim.concept: claim.amount for claim in explanation.claims}
        return Reading(values=tuple(told.get(aspect, 0.0) for aspect in aspects), outcome="ok")


def group() -> Group:
    trials = tuple(
        Trial(id=f"g/{i}", variant=Released(generator="g", version="v"), truth=truth)
        for i, truth in enumerate(LATTICE)
    )
    return Group(
        id="g", scenario="s", aspects=NAMES[:2], seed=0, probe=Probe(prompts=(), seeds=()), trials=trials
    )


def model(truth: tuple[int, int], *first: str, failure: str | None = None) -> Proposed:
    named = dict.fromkeys((*first, *NAMES), 1)
    v = torch.tensor(truth, dtype=torch.float64) + 0.01
    return Proposed(named=named, failure=failure, v=v, vectors=VECTORS)


def swept(*models: Proposed) -> Sweep:
    judge = Judge(groups=[group()], reader=Sums(), corpus_aspects=NAMES[:2])
    return Sweep(
        groups=("g",), chance=1 / 6, cells=tuple(cells([models], judge, given=FineXLSettings(e_decomp=0.0)))
    )


FIRST_IS_WRONG = swept(*(model(truth, "slanted") for truth in LATTICE))


def test_every_order_meets_every_threshold() -> None:
    assert {(cell.order, cell.e_ortho) for cell in FIRST_IS_WRONG.cells} == {
        (order, e_ortho) for order in (*ORDERS, RANDOM) for e_ortho in E_ORTHO
    }


def test_who_is_tried_first_decides_where_names_are_alike() -> None:
    (right,) = (cell for cell in FIRST_IS_WRONG.of("alphabetical") if cell.e_ortho == 0.5)
    (wrong,) = (cell for cell in FIRST_IS_WRONG.of("first_named") if cell.e_ortho == 0.5)
    assert right.accuracy == 1.0 > wrong.accuracy


def test_random_orders_span_what_shuffles_gave() -> None:
    for cell in FIRST_IS_WRONG.of(RANDOM):
        assert cell.low <= cell.accuracy <= cell.high
    assert any(cell.low < cell.high for cell in FIRST_IS_WRONG.of(RANDOM)) and N_SHUFFLES > 1


def test_a_sweep_repeats() -> None:
    assert swept(*(model(truth, "slanted") for truth in LATTICE)) == FIRST_IS_WRONG


def test_a_model_that_nobody_answered_for_is_a_miss() -> None:
    failed = swept(*(model(truth, failure="refused") for truth in LATTICE))
    assert all(cell.accuracy == 0.0 and cell.n_claims == 0.0 for cell in failed.cells)


def test_the_chosen_order_has_the_best_mean_and_the_threshold_is_the_middle_of_the_best() -> None:
    def cell(order: str, e_ortho: float, accuracy: float) -> Cell:
        return Cell(
            order=order, e_ortho=e_ortho, accuracies=(accuracy,), low=accuracy, high=accuracy, n_claims=1.0
        )

    def accuracy(order: str, e_ortho: float) -> float:
        if order == "first_named":
            return 0.9 if e_ortho == 0.2 else 0.1  # one lucky cell
        return 0.75 if order == "times_named" and e_ortho >= 0.5 else 0.5

    every = tuple(cell(order, e, accuracy(order, e)) for order in (*ORDERS, RANDOM) for e in E_ORTHO)
    assert Sweep(groups=("g",), chance=1 / 6, cells=every).chosen == ("times_named", 0.7)


def test_the_table_says_every_mean_and_the_choice() -> None:
    head, *rows, choice = lines(FIRST_IS_WRONG)
    assert len(rows) == len(ORDERS) + 1 and head.split()[1:-1] == [f"{e:g}" for e in E_ORTHO]
    assert float(rows[0].split()[-1]) == pytest.approx(
        fmean(cell.accuracy for cell in FIRST_IS_WRONG.of(ORDERS[0])), abs=0.005
    )
    assert f"order={FIRST_IS_WRONG.chosen[0]}" in choice


def test_the_figure_is_an_image(tmp_path: Path) -> None:
    draw_sweep(FIRST_IS_WRONG, tmp_path / "sweep.png")
    with Image.open(tmp_path / "sweep.png") as drawn:
        assert drawn.size == (760, 440) and len(drawn.getcolors(maxcolors=10_000) or ()) > 5
