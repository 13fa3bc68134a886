"""The oracle probe learns from models of its own: of the plan's aspects, from development seeds."""

from benchmark.config.loading import load_settings
from benchmark.run.lessons import N_PROMPTS, taught_aspects
from benchmark.run.workbench import SettingsWorkbench
from finetune.miniature import split
from finetune.recipe import Trained


def bench(*words: str) -> SettingsWorkbench:
    return SettingsWorkbench(load_settings(["explainer=oracle_probe", *words]))


def test_each_aspect_of_the_plan_is_taught_alone_at_two_levels() -> None:
    needs = bench("scenario=single_aspect").oracle_needs
    taught = [(model.recipe.aspects, model.step) for model, _ in needs.models if isinstance(model, Trained)]
    assert taught == [((aspect,), step) for aspect in split.SCORED_ASPECTS[:3] for step in (20, 40)]


def test_lessons_are_trained_and_shown_on_development_data() -> None:
    needs = bench("scenario=multi_aspect").oracle_needs
    for model, probe in needs.models:
        assert isinstance(model, Trained) and model.recipe.seed in split.DEVELOPMENT_SEEDS
        assert len(probe.prompts) == N_PROMPTS
        assert all(seed // 10_000 in split.DEVELOPMENT_SEEDS for seed in probe.seeds)


def test_half_of_the_steps_count_as_half_of_the_aspect() -> None:
    strengths = [dict(lesson.strengths)["vivid"] for lesson in bench("scenario=single_aspect")._lessons[:2]]
    assert strengths == [0.5, 1.0]


def test_where_nothing_is_trained_nothing_is_taught() -> None:
    assert not bench("scenario=subject").oracle_needs.models
    assert not bench("scenario=single_aspect", "preset=smoke").oracle_needs.models


def test_the_probe_has_another_key_where_other_models_teach_it() -> None:
    assert bench("scenario=single_aspect").probe_identity() != bench("scenario=multi_aspect").probe_identity()


def test_only_aspects_of_the_corpus_are_taught() -> None:
    groups = bench("scenario=single_aspect").groups()
    assert taught_aspects(groups, ("sepia", "grainy")) == ("sepia", "grainy")
