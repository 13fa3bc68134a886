"""The oracle probe learns from models of its own: of the plan's aspects, from development seeds."""

from benchmark.config.loading import load_settings
from benchmark.run.lessons import N_PROMPTS, aspects_of
from benchmark.run.workbench import SettingsWorkbench
from finetune.miniature import split
from finetune.recipe import Composed, Trained


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
    assert aspects_of(groups, Trained, ("sepia", "grainy")) == ("sepia", "grainy")


def test_composed_models_are_taught_by_composed_models_of_development_seeds() -> None:
    lessons = bench("scenario=fine_grained", "generator.method=lora")._lessons
    adapters = [adapter for lesson in lessons for adapter in composed(lesson.variant).adapters]
    assert lessons and {adapter.recipe.seed for adapter in adapters} <= set(split.DEVELOPMENT_SEEDS)
    assert {adapter.recipe.method for adapter in adapters} == {"lora"}


def test_a_composed_lesson_has_each_aspect_at_the_share_that_it_counts_as() -> None:
    lesson = next(
        each
        for each in bench("scenario=fine_grained", "generator.method=lora")._lessons
        if len(each.strengths) == 2
    )
    scales = {adapter.recipe.aspects[0]: adapter.scale for adapter in composed(lesson.variant).adapters}
    assert scales.keys() == dict(lesson.strengths).keys() and len(set(scales.values())) == 1
    assert {share for _, share in lesson.strengths} == {0.5}


def composed(variant: object) -> Composed:
    assert isinstance(variant, Composed)
    return variant
