"""What trained weights and images depend on, as plain values that name them in the store."""

from dataclasses import asdict
from typing import Any

from finetune.family_facts import FAMILIES
from finetune.generator import GeneratorSettings
from finetune.recipe import Recipe
from finexl.code_version import code_version

_MIXING = ("finetune.workshop:MIXING_SEED", "finetune.workshop:_BLOCK")
_CHANGES_NOTHING = (
    "finetune.generator:generator_id",
    "finetune.families.image_sizes:check_size",
    f"{__name__}:sampling_identity",
)
"""What a family's code calls to check or to name, not to compute."""

_USUAL = {"ema_decay": 0.0, "devices": 1, "gradient_checkpointing": False}
"""Options that name a run only where they differ from these."""


def training_identity(recipe: Recipe, settings: GeneratorSettings) -> dict[str, Any]:
    """What kept weights depend on beside generator and corpus."""
    facts = asdict(recipe)
    method = facts.pop("method")
    identity = {
        "recipe": facts,
        "precision": settings.training_precision,
        "device": _kind(settings.device),
        "caption_dropout": settings.caption_dropout,
        "accumulate": settings.accumulate,
        "code": code_version(
            *FAMILIES[settings.family].trained_by,
            "finetune.mixing:training_images",
            "finetune.training.trajectory:training_settings",
            "finetune.training.trajectory:train_trajectory",
            *(_MIXING if recipe.mixture.base_parts else ()),
            without=_CHANGES_NOTHING,
        ),
    }
    if method != "full":
        identity |= {"method": method, "rank": settings.rank}
    chosen = {name: getattr(settings, name) for name in _USUAL}
    return identity | {name: given for name, given in chosen.items() if given != _USUAL[name]}


def sampling_identity(settings: GeneratorSettings, generator: str) -> dict[str, Any]:
    """What images depend on beside weights, prompts and seeds."""
    return {
        "code": code_version(
            *FAMILIES[settings.family].sampled_by,
            "finetune.training.trajectory:load_step",
            without=_CHANGES_NOTHING,
        ),
        "generator": generator,
        "n_steps": settings.n_sampling_steps,
        "guidance": settings.guidance,
        "precision": settings.precision,
        "device": _kind(settings.device),
        "batch_size": settings.batch_size,
    }


def editing_code(family: str) -> str:
    """The code that pushes sampling along an edit direction."""
    return code_version(*FAMILIES[family].edited_by, without=_CHANGES_NOTHING)


def composing_code(family: str) -> str:
    """The code that adds several adapters to one model."""
    return code_version(*FAMILIES[family].composed_by, without=_CHANGES_NOTHING)


def tokens_code() -> str:
    """The code that writes images as tokens, before any detokenizer."""
    return code_version("finetune.families.anole.family:AnoleFamily._writer", without=_CHANGES_NOTHING)


def _kind(device: str) -> str:
    """What an arithmetic result may depend on: cpu or cuda, not which of several."""
    return device.partition(":")[0]
