"""Plans of models that nothing was done to."""

import pytest
from planning import planned

from benchmark.plan.trials import Group, label
from benchmark.plan.unchanged import N_NOISES, other_noise
from finetune.miniature.split import SCORED_SEEDS
from finetune.recipe import Reseeded, Trained
from finexl.errors import InvalidInputError


def tuned(group: Group) -> list[Trained]:
    return [trial.variant for trial in group.trials if isinstance(trial.variant, Trained)]


def shifts(group: Group) -> list[int]:
    return [trial.variant.shift for trial in group.trials if isinstance(trial.variant, Reseeded)]


@pytest.mark.parametrize(("preset", "groups"), [("smoke", 1), ("lite", 3), ("full", 15)])
def test_a_group_has_other_noise_and_a_model_tuned_on_base_images(preset: str, groups: int) -> None:
    found = planned("scenario=unchanged", f"preset={preset}")
    assert [(len(shifts(group)), len(tuned(group))) for group in found] == [(N_NOISES, 1)] * groups


def test_nothing_is_true_of_any_model_and_there_is_no_ladder() -> None:
    for group in planned("scenario=unchanged"):
        assert {trial.truth for trial in group.trials} == {(0,)}
        assert group.is_unchanged and not group.is_ladder


def test_no_picture_of_an_aspect_is_trained_on() -> None:
    for group in planned("scenario=unchanged"):
        (model,) = tuned(group)
        assert (model.recipe.mixture.parts, model.recipe.mixture.base_parts) == ((0,), 1)


def test_each_group_has_a_training_seed_of_its_own_since_nothing_else_differs() -> None:
    found = planned("scenario=unchanged", "preset=full")
    assert len({model.recipe.seed for group in found for model in tuned(group)}) == len(found)


def test_no_two_draws_of_noise_and_no_probe_share_a_seed() -> None:
    found = planned("scenario=unchanged", "preset=full")
    drawn = [seed + shift for group in found for shift in shifts(group) for seed in group.probe.seeds]
    last = 10_000 * (SCORED_SEEDS[-1] + 1)
    assert len(set(drawn)) == len(drawn) and min(drawn) > last


def test_more_draws_of_noise_than_a_seed_has_are_refused() -> None:
    with pytest.raises(InvalidInputError, match=f"from 1 to {N_NOISES}"):
        other_noise("g", seed=1000, n=N_NOISES + 1)


def test_more_groups_than_there_are_seeds_are_refused() -> None:
    with pytest.raises(InvalidInputError, match="at most 1 for scenario=unchanged"):
        planned("scenario=unchanged", "seed=999", "preset.n_series=2")


def test_people_are_told_what_a_model_is() -> None:
    (group,) = planned("scenario=unchanged", "preset=smoke")
    labels = [label(trial, group) for trial in group.trials]
    assert labels == ["base, other noise"] * N_NOISES + ["tuned on base images"]
