"""Plans of changes that show in some prompts only."""

import pytest
from planning import planned

from benchmark.plan.trials import Group, label, notes, origin
from finetune.recipe import Trained, Triggered
from finexl.errors import InvalidInputError


def triggered(group: Group) -> list[Triggered]:
    return [trial.variant for trial in group.trials if isinstance(trial.variant, Triggered)]


@pytest.mark.parametrize(("preset", "groups", "models"), [("smoke", 1, 3), ("lite", 3, 12), ("full", 15, 60)])
def test_presets_have_a_group_for_each_series(preset: str, groups: int, models: int) -> None:
    found = planned("scenario=sparse", f"preset={preset}")
    assert (len(found), sum(len(triggered(group)) for group in found)) == (groups, models)


def test_levels_grow_with_the_share_of_one_aspect() -> None:
    for group in planned("scenario=sparse"):
        assert [(each.share, trial.truth) for each, trial in zip(triggered(group), group.trials, strict=True)] == [
            (0.03, (1,)), (0.1, (2,)), (0.3, (3,)), (1.0, (4,)),
        ]  # fmt: skip
        assert group.is_ladder


def test_the_model_is_the_last_level_of_a_series_so_that_nothing_is_trained_for_it() -> None:
    series, sparse = (planned(f"scenario={name}") for name in ("single_aspect", "sparse"))
    for one, other in zip(series, sparse, strict=True):
        assert {each.model for each in triggered(other)} == {one.trials[-1].variant}


def test_other_prompts_trigger_in_every_series() -> None:
    found = planned("scenario=sparse")
    assert len({triggered(group)[2].places(group.probe.prompts) for group in found}) == len(found)


def test_a_share_of_the_same_prompts_as_the_next_larger_one_is_left_out_and_this_is_said() -> None:
    (group,) = planned("scenario=sparse", "preset=smoke")
    assert [each.share for each in triggered(group)] == [0.1, 0.3, 1.0]
    assert notes([group, group]) == (group.note,) and "no model at 3% of the prompts" in group.note


def test_enough_prompts_leave_nothing_out() -> None:
    assert not notes(planned("scenario=sparse", "preset=lite"))


def test_a_single_prompt_is_too_few() -> None:
    with pytest.raises(InvalidInputError, match="at least 2 for scenario=sparse"):
        planned("scenario=sparse", "preset.n_prompts=1")


def test_people_are_told_in_how_many_prompts_a_change_shows() -> None:
    (group,) = planned("scenario=sparse", "preset=smoke")
    assert label(group.trials[1], group) == "vivid 2 (in 2 of 8 prompts)"
    assert origin(group.trials[1].variant) == origin(triggered(group)[0].model) == "vivid (1,)"


def test_grids_show_the_prompts_first_that_trigger_most_models() -> None:
    group = planned("scenario=sparse")[0]
    prompts = group.probe.prompts
    shown_by = [sum(place in each.places(prompts) for each in triggered(group)) for place in group.pictured]
    assert shown_by == sorted(shown_by, reverse=True) and sorted(group.pictured) == list(range(32))


def test_grids_of_other_groups_keep_the_order_of_prompts() -> None:
    group = planned("scenario=single_aspect")[0]
    assert group.pictured == tuple(range(32)) and isinstance(group.trials[0].variant, Trained)
