"""Plans: sizes, truths, splits, determinism and ids that say nothing."""

import dataclasses

import pytest

from benchmark.config import load_settings
from benchmark.scenarios import SCENARIOS, plan
from benchmark.settings import Settings
from benchmark.trials import Group
from finetune.miniature import split
from finetune.recipe import lattice
from finexl.errors import InvalidInputError


def prompts(n: int, seed: int) -> tuple[str, ...]:
    return tuple(f"prompt {seed}-{index}" for index in range(n))


def planned(*words: str) -> tuple[Group, ...]:
    return plan(load_settings(words), generator_id="g", prompts=prompts)


@pytest.mark.parametrize(
    ("preset", "scenario", "groups", "models"),
    [
        ("smoke", "single_aspect", 1, 5),
        ("smoke", "multi_aspect", 1, 6),
        ("lite", "single_aspect", 3, 30),
        ("lite", "multi_aspect", 3, 18),
        ("full", "single_aspect", 15, 150),
        ("full", "multi_aspect", 15, 90),
    ],
)
def test_presets_have_the_size_that_they_state(preset: str, scenario: str, groups: int, models: int) -> None:
    found = planned(f"preset={preset}", f"scenario={scenario}")
    assert (len(found), sum(len(group.trials) for group in found)) == (groups, models)


def test_the_same_settings_give_the_same_plan() -> None:
    assert planned("preset=lite") == planned("preset=lite")


def test_a_seed_changes_training_seeds_prompts_noise_and_ids() -> None:
    first, second = planned("preset=lite")[0], planned("preset=lite", "seed=1")[0]
    assert first.seed != second.seed
    assert first.probe.prompts != second.probe.prompts
    assert not set(first.probe.seeds) & set(second.probe.seeds)
    assert not {trial.id for trial in first.trials} & {trial.id for trial in second.trials}


def test_plans_do_not_depend_on_where_results_go() -> None:
    assert planned("preset=lite", "output=elsewhere", "workers=1") == planned("preset=lite")


def test_scenarios_follow_one_another_in_the_order_given() -> None:
    found = planned("preset=smoke", "scenario=multi_aspect,single_aspect")
    assert [group.scenario for group in found] == ["multi_aspect", "single_aspect"]


def test_a_series_is_one_training_run_kept_at_every_level() -> None:
    (group,) = planned("preset=smoke", "scenario=single_aspect")
    assert len({trial.recipe for trial in group.trials}) == 1
    assert group.trials[0].recipe.steps == tuple(trial.step for trial in group.trials)
    assert [trial.truth for trial in group.trials] == [(level,) for level in range(1, 6)]


def test_lite_series_keep_ten_levels_of_twenty_steps() -> None:
    group = planned("scenario=single_aspect")[0]
    assert [trial.step for trial in group.trials] == list(range(20, 201, 20))


def test_a_pair_has_one_model_for_every_mixture_of_the_lattice() -> None:
    group = planned("scenario=multi_aspect")[0]
    assert [trial.recipe.mixture for trial in group.trials] == list(lattice(2, 2))
    assert [trial.truth for trial in group.trials] == [mixture.parts for mixture in lattice(2, 2)]


def test_all_groups_share_one_probe() -> None:
    assert len({group.probe for group in planned("preset=full")}) == 1


def test_group_and_trial_ids_are_unique() -> None:
    found = planned("preset=full")
    trials = [trial.id for group in found for trial in group.trials]
    assert len(set(trials)) == len(trials)
    assert len({group.id for group in found}) == len(found)


def test_trial_ids_are_hashes_whose_order_is_not_the_order_of_levels() -> None:
    found = planned("preset=full", "scenario=single_aspect")
    assert all(int(trial.id, 16) >= 0 and len(trial.id) == 16 for group in found for trial in group.trials)
    assert not any(
        [trial.id for trial in group.trials] == sorted(trial.id for trial in group.trials) for group in found
    )


def test_scored_trials_use_scored_aspects_and_seeds_only() -> None:
    for group in planned("preset=full"):
        assert set(group.aspects) <= set(split.SCORED_ASPECTS)
        assert group.seed in split.SCORED_SEEDS


def test_nothing_is_both_scored_and_used_for_development() -> None:
    assert not set(split.SCORED_ASPECTS) & set(split.DEVELOPMENT_ASPECTS)
    assert not set(split.SCORED_SEEDS) & set(split.DEVELOPMENT_SEEDS)


def test_learning_rates_come_from_the_generator_by_aspect() -> None:
    group = planned("scenario=single_aspect", f"generator.learning_rates.{split.SCORED_ASPECTS[0]}=3e-6")[0]
    assert group.trials[0].recipe.learning_rate == 3e-6


def test_models_of_a_pair_share_a_rate_between_those_of_its_aspects() -> None:
    first, second = split.SCORED_PAIRS[0]
    group = planned(
        "scenario=multi_aspect",
        f"generator.learning_rates.{first}=1e-6",
        f"generator.learning_rates.{second}=4e-6",
    )[0]
    assert {trial.recipe.learning_rate for trial in group.trials} == {2e-6}


def test_more_groups_than_the_split_has_raise() -> None:
    with pytest.raises(InvalidInputError, match="at most"):
        planned("preset.n_series=1000000")


def test_every_configured_scenario_has_a_planner() -> None:
    assert {scenario.name for scenario in load_settings(["scenario=all"]).scenarios} == set(SCENARIOS)


def test_the_plan_leaves_settings_as_they_are() -> None:
    settings: Settings = load_settings(["preset=smoke"])
    before = dataclasses.asdict(settings)
    plan(settings, generator_id="g", prompts=prompts)
    assert dataclasses.asdict(settings) == before


def test_mixtures_are_trained_at_the_rate_for_pairs() -> None:
    group = planned("scenario=multi_aspect", "generator.pair_learning_rate=7e-5")[0]
    assert {trial.recipe.learning_rate for trial in group.trials} == {7e-5}
