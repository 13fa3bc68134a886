"""Settings are judged as a run judges, and one ingredient is left out at a time."""

from dataclasses import replace

import numpy as np
import pytest

from benchmark.plan.trials import Group, Probe, Trial
from benchmark.read.readers import LexiconReader
from benchmark.tune.robust import GRID, WITHOUT, Study, ablation, chosen, markdown
from finetune.recipe import Released
from finexl.robust.evidence import Evidence
from finexl.robust.explaining import Embedded
from finexl.robust.settings import RobustSettings

LATTICE = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (2, 0))
WORDS = ("warm", "dark", "foggy")
SETTINGS = RobustSettings(n_flips=99)


def embedded(amounts: tuple[int, int], *, seed: int = 0) -> Embedded:
    chance = np.random.default_rng(seed)
    base = chance.normal(size=(12, 6))
    tuned = base + np.array([*amounts, 0, 0, 0, 0]) / 2 + 0.01 * chance.normal(size=(12, 6))
    return Embedded(evidence=Evidence(base=base, tuned=tuned), words=WORDS, vectors=np.eye(3, 6), encoder="e")


@pytest.fixture(scope="module")
def found() -> Study:
    trials = tuple(
        Trial(id=f"g/{i}", variant=Released(generator="g", version="v"), truth=truth)
        for i, truth in enumerate(LATTICE)
    )
    group = Group(
        id="g", scenario="s", aspects=WORDS[:2], seed=0, probe=Probe(prompts=(), seeds=()), trials=trials
    )
    return Study(
        groups=[group],
        embedded=[[embedded(truth, seed=number) for number, truth in enumerate(LATTICE)]],
        unchanged=[embedded((0, 0), seed=9)],
        reader=LexiconReader(dict.fromkeys(WORDS, ())),
        corpus_aspects=WORDS,
    )


def test_right_explanations_are_worth_one(found: Study) -> None:
    assert found.worth(SETTINGS).mean == pytest.approx(1.0)


def test_settings_that_claim_nothing_are_worth_less(found: Study) -> None:
    assert found.worth(replace(SETTINGS, least_amount=0.99)).claim_f1 < 1


def test_the_choice_is_within_the_grid(found: Study) -> None:
    best = chosen(found, SETTINGS)
    assert all(getattr(best, name) in values for name, values in GRID.items())


def test_the_table_has_a_row_for_every_ingredient(found: Study) -> None:
    table = markdown(ablation(found, SETTINGS), n_models=6)
    assert all(f"| {name} |" in table for name in WITHOUT)
