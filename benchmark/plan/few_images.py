"""Where models are trained on fewer images than a preset asks for, since the corpus has no more of every aspect."""

from collections.abc import Sequence

from benchmark.plan.preset import PresetConfig
from benchmark.plan.trials import Group
from finetune.recipe import recipes_of
from finexl.notices import Notice


def few_images(preset: PresetConfig, groups: Sequence[Group]) -> list[Notice]:
    """What is to be told of them, one notice for each number of images."""
    recipes = {recipe for group in groups for trial in group.trials for recipe in recipes_of(trial.variant)}
    return [
        Notice(
            what="corpus",
            how=f"{count} training images per model, not the preset's {preset.n_images}: it has no more of every "
            "aspect",
        )
        for count in sorted({recipe.n_images for recipe in recipes} - {preset.n_images})
    ]
