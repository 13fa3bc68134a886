"""Settings are judged as a run judges, and one ingredient is left out at a time."""

from dataclasses import asdict, replace

import numpy as np
import pytest

from benchmark.read.readers import LexiconReader
from benchmark.score.rank_mae import rank_mae_chance, rank_mae_constant
from benchmark.tune.oracles import ORACLES
from benchmark.tune.robust import GRID, ONLY_SURE, START, WITHOUT, ablation, chosen, markdown, worth
from benchmark.tune.study import Material, Models, Study
from finexl.robust.evidence import Evidence
from finexl.robust.explaining import Embedded
from finexl.robust.settings import RobustSettings

LATTICE = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (2, 0))
WORDS = ("warm", "dark", "foggy")
SETTINGS = RobustSettings(n_flips=99)


def embedded(amounts: tuple[float, float], *, seed: int = 0) -> Embedded:
    chance = np.random.default_rng(seed)
    base = chance.normal(size=(12, 6))
    tuned = base + np.array([*amounts, 0, 0, 0, 0]) / 2 + 0.01 * chance.normal(size=(12, 6))
    return Embedded(evidence=Evidence(base=base, tuned=tuned), words=WORDS, vectors=np.eye(3, 6), encoder="e")


def nameless() -> Embedded:
    """A change beside all words."""
    chance = np.random.default_rng(8)
    base = chance.normal(size=(12, 6))
    tuned = base + np.array([0.1, 0, 0, 1, 0, 0]) + 0.01 * chance.normal(size=(12, 6))
    return Embedded(evidence=Evidence(base=base, tuned=tuned), words=WORDS, vectors=np.eye(3, 6), encoder="e")


@pytest.fixture(scope="module")
def found() -> Study:
    models = [embedded(truth, seed=number) for number, truth in enumerate(LATTICE)]
    levels = [(1,), (2,), (3,), (4,)]
    material = Material(
        lattices=[Models(id="g", aspects=WORDS[:2], truths=LATTICE, models=models)],
        ladders=[
            Models(
                id="l",
                aspects=WORDS[:1],
                truths=levels,
                models=[embedded(((one + 1) / 2, 0)) for (one,) in levels],
            )
        ],
    )
    return Study(
        trained=material,
        painted=material,
        overlaid=material,
        unchanged=[embedded((0, 0), seed=9)],
        nameless=[nameless()],
        reader=LexiconReader(dict.fromkeys(WORDS, ())),
        corpus_aspects=WORDS,
    )


def test_right_explanations_are_worth_one(found: Study) -> None:
    assert worth(found, SETTINGS).mean == pytest.approx(1.0)


def test_settings_that_claim_nothing_are_worth_less(found: Study) -> None:
    assert worth(found, replace(SETTINGS, least_shift=0.99)).claim_f1 < 1


def test_words_spread_over_a_change_without_a_name_cost(found: Study) -> None:
    loose = replace(
        SETTINGS, least_explained=0.0, explained_per_claim=0.0, least_share=0.0, least_shift=0.0, penalty=0.01
    )
    assert (worth(found, SETTINGS).unspread, worth(found, loose).unspread) == (1.0, 0.0)


def test_the_mean_is_over_all_scores(found: Study) -> None:
    found_worth = worth(found, SETTINGS)
    assert found_worth.mean == pytest.approx(sum(asdict(found_worth).values()) / len(asdict(found_worth)))


def test_silence_about_low_levels_costs(found: Study) -> None:
    assert worth(found, replace(SETTINGS, least_shift=0.99)).ladder < worth(found, SETTINGS).ladder


def test_what_moves_a_model_unasked_is_true_to_claim(found: Study) -> None:
    lattice = found.trained.lattices[0]
    moved = [embedded((0, truth[1]), seed=number) for number, truth in enumerate(LATTICE)]
    asked_about_one = Models(
        id="g",
        aspects=WORDS[:1],
        truths=[(0,) for _ in LATTICE],
        models=moved,
        unasked=[{"dark": truth[1]} for truth in LATTICE],
    )
    material = [replace(found.trained, lattices=[asked_about_one])]
    assert worth(found, SETTINGS, of=material).claim_f1 == worth(found, SETTINGS).claim_f1 == 1.0
    accused = [replace(found.trained, lattices=[replace(asked_about_one, unasked=())])]
    assert worth(found, SETTINGS, of=accused).silence < 1.0
    assert [dict(levels) for levels in lattice.levels[:2]] == [{"warm": 0, "dark": 0}, {"warm": 0, "dark": 1}]


def test_of_a_ladder_of_several_aspects_each_is_ranked_by_itself(found: Study) -> None:
    """Both rise together, so that naming one of them is half of it: the other reads 0 at every level."""
    levels = [(one, one) for one in range(1, 5)]
    both, one = (
        Models(
            id="l", aspects=WORDS[:2], truths=levels, models=[embedded(of(level / 2)) for level, _ in levels]
        )
        for of in (lambda amount: (amount, amount), lambda amount: (amount, 0.0))
    )
    skills = [
        worth(found, SETTINGS, of=[replace(found.trained, ladders=[ladder])]).ladder for ladder in (both, one)
    ]
    assert skills == pytest.approx([1.0, 1 - (0 + rank_mae_constant(4)) / 2 / rank_mae_chance(4)])


def test_the_search_does_not_start_from_what_ships() -> None:
    assert all(getattr(START, name) == values[len(values) // 2] for name, values in GRID.items())


def test_the_choice_is_within_the_grid(found: Study) -> None:
    best = chosen(found, SETTINGS)
    assert all(getattr(best, name) in values for name, values in GRID.items())


def test_of_values_that_are_as_good_the_middle_is_chosen(found: Study) -> None:
    """Nobody was asked about these models, so that how much an answer counts makes no difference."""
    values = GRID["seen_share"]
    assert chosen(found, SETTINGS).seen_share == values[len(values) // 2]


def test_the_table_has_a_row_for_every_ingredient(found: Study) -> None:
    table = markdown(ablation(found, SETTINGS), found)
    assert all(
        f"| {name} |" in table for name in (*WITHOUT, ONLY_SURE, *(f"oracle: {part}" for part in ORACLES))
    )


def test_the_row_of_sure_claims_tells_no_guess(found: Study) -> None:
    """Both aspects moved; the second so unevenly over prompts that it does not hold by itself."""
    given = embedded((1.0, 0.0), seed=4)
    uneven = given.evidence.tuned.copy()
    uneven[:3, 1] += 1.0
    model = replace(given, evidence=Evidence(base=given.evidence.base, tuned=uneven))
    one = Models(id="g", aspects=WORDS[:2], truths=[(1, 1)] * 2, models=[model, model])
    study = replace(found, trained=replace(found.trained, lattices=[one]))
    rows = ablation(study, replace(SETTINGS, false_discovery_rate=0.01))
    assert rows[ONLY_SURE].trained.claim_f1 < rows["all ingredients"].trained.claim_f1
