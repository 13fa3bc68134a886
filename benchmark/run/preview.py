"""What a run would take: trials, what the store already has, and estimates of minutes, disk and VLM calls."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from pydantic import TypeAdapter

from benchmark.config.choices import file_of, values_in
from benchmark.config.settings import Settings
from benchmark.parts.explainers import ExplainerConfig, asked_about_model
from benchmark.parts.generator_settings import GeneratorConfig
from benchmark.plan.preset import PresetConfig
from benchmark.plan.trials import Group, Trial, notes
from benchmark.run.preview_costs import cost_lines
from benchmark.show.listing import size
from finetune.recipe import Recipe, Variant, recipes_of
from finexl.explain.folding import counted

SHOWN = 40
"""Groups listed one by one."""


@runtime_checkable
class Cache(Protocol):
    """What of a plan is already made."""

    def is_trained(self, recipe: Recipe) -> bool: ...

    def has_images(self, variant: Variant | None, prompts: Sequence[str], seeds: Sequence[int]) -> bool: ...


def preview(settings: Settings, groups: Sequence[Group], cache: Cache) -> str:
    """The plan in words, group by group, with the share of work that is left."""
    n_models = sum(len(group.trials) for group in groups)
    lines = [f"{counted(len(groups), 'group')}, {counted(n_models, 'model')}; nothing is done."]
    lines += [_group_line(group, cache) for group in groups[:SHOWN]]
    if len(groups) > SHOWN:
        lines.append(f"  ... and {len(groups) - SHOWN} more")
    lines += notes(groups)
    lines += [_estimate(settings, scenario.name, groups, cache) for scenario in settings.scenarios]
    lines += cost_lines(settings, n_models=n_models)
    if settings.explainers:  # of what is frozen there are none
        lines.append(f"explainers: {', '.join(explainer.name for explainer in settings.explainers)}")
    lines.append(f"results in {settings.output}, models and images in {settings.store}")
    return "\n".join(lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What one scenario of a run takes."""

    n_models: int
    missing: float
    """Share of image sets that the store lacks."""
    vlm_calls: int
    """At most."""


def estimated(settings: Settings, scenario: str, groups: Sequence[Group], cache: Cache) -> Estimate:
    """The size of a scenario, and how much of it is left to make."""
    own = [group for group in groups if group.scenario == scenario]
    n_models = sum(len(group.trials) for group in own)
    missing = sum(not _has_images(trial, group, cache) for group in own for trial in group.trials)
    calls = sum(questions_per_model(explainer, settings.n_pairs) for explainer in settings.explainers)
    return Estimate(n_models=n_models, missing=missing / max(n_models, 1), vlm_calls=n_models * calls)


def questions_per_model(explainer: ExplainerConfig, n_prompts: int) -> int:
    """Questions an explainer puts to the VLM about one model at most, retries apart."""
    return sum(asked.n_calls for asked in asked_about_model(explainer, n_prompts))


def _group_line(group: Group, cache: Cache) -> str:
    recipes = _recipes(group)
    trained = sum(cache.is_trained(recipe) for recipe in recipes)
    imaged = sum(_has_images(trial, group, cache) for trial in group.trials)
    trainings = f"{trained} of {len(recipes)} trainings, " if recipes else ""
    return (
        f"  {group.id}: {counted(len(group.trials), 'model')}; in the store: {trainings}"
        f"{imaged} of {len(group.trials)} image sets"
    )


def _recipes(group: Group) -> set[Recipe]:
    return {recipe for trial in group.trials for recipe in recipes_of(trial.variant)}


def _estimate(settings: Settings, scenario: str, groups: Sequence[Group], cache: Cache) -> str:
    """Cost at the preset's own size, scaled by the share of image sets that the store lacks."""
    found = estimated(settings, scenario, groups, cache)
    if (expected := settings.preset.expected.get(scenario)) is None:
        return (
            f"{scenario}: at most {found.vlm_calls} VLM calls; the preset states no minutes and no disk space"
        )
    generator = settings.generator
    if (generator.name, generator.method) != (expected.generator, expected.method):
        return (
            f"{scenario}: at most {found.vlm_calls} VLM calls; minutes and disk space are stated for "
            f"generator={expected.generator} generator.method={expected.method} only"
        )
    if changed := _changed(settings):
        recipes = {recipe for group in groups if group.scenario == scenario for recipe in _recipes(group)}
        steps = sum(max(recipe.steps) for recipe in recipes if not cache.is_trained(recipe))
        n_images = round(found.missing * found.n_models) * settings.preset.n_prompts
        return (
            f"{scenario}: {steps:,} training steps and {n_images:,} images of models for what is missing, at most "
            f"{found.vlm_calls} VLM calls; minutes and disk space are stated for the usual {' and '.join(changed)} only"
        )
    if not found.missing:
        return (
            f"{scenario}: no model is missing, so that what is not explained yet is all that takes time; at most "
            f"{found.vlm_calls} VLM calls"
        )
    return (
        f"{scenario}: about {expected.minutes * found.missing:.1f} min on two cores for what is missing, "
        f"{size(expected.disk_mb * found.missing)} of disk, at most {found.vlm_calls} VLM calls"
    )


def _changed(settings: Settings) -> list[str]:
    """Which of preset and generator are not as their files have them, so that what was measured does not hold."""
    preset, generator = settings.preset, settings.generator
    usual_preset = TypeAdapter(PresetConfig).validate_python(_of_file("preset", preset.name))
    usual_generator = TypeAdapter(GeneratorConfig).validate_python(
        {**_of_file("generator", generator.name), "method": generator.method}
    )
    return ["preset"] * (preset != usual_preset) + ["generator"] * (generator != usual_generator)


def _of_file(group: str, name: str) -> dict[str, object]:
    return {"name": name, **values_in(file_of(group, name))}


def _has_images(trial: Trial, group: Group, cache: Cache) -> bool:
    return cache.has_images(trial.variant, group.probe.prompts, group.probe.seeds)
