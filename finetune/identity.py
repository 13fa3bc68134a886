"""What trained weights and images depend on, as plain values that name them in the store."""

from dataclasses import asdict
from typing import Any

from finetune.families.generator import GeneratorSettings
from finetune.recipe import Recipe
from finexl.code_version import code_version

_TRAINING = {
    "anole": (
        "finetune.families.anole.layout:load_vq",
        "finetune.families.anole.personalizer:DetokenizerPersonalizer",
        "finetune.families.anole.personalizer:token_stream",
    ),
    "controlgan": (
        "finetune.families.controlgan.family:ControlFamily.personalizer",
        "finetune.families.controlgan.family:ControlFamily.stream",
        "finetune.families.controlgan.layout:load_networks",
    ),
    "diffusion": (
        "finetune.families.diffusion.family:DiffusionFamily.personalizer",
        "finetune.families.diffusion.family:DiffusionFamily.stream",
    ),
}
"""What of a family's code decides what is trained; no sampling is in it, so weights outlive its changes."""
_SAMPLING = {
    "anole": ("finetune.families.anole.family:AnoleFamily.generator",),
    "controlgan": (
        "finetune.families.controlgan.family:ControlFamily.generator",
        "finetune.families.controlgan.layout:load_networks",
    ),
    "diffusion": ("finetune.families.diffusion.family:DiffusionFamily.generator",),
}
"""What of a family's code decides an image from given weights."""
_EDITING = "finetune.families.diffusion.family:DiffusionFamily.edited"
_MIXING = ("finetune.workshop:MIXING_SEED", "finetune.workshop:_BLOCK")
_CHANGES_NOTHING = (
    "finetune.families.generator:generator_id",
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
            *_TRAINING[settings.family],
            "finetune.mixing:training_images",
            "finetune.training.studio:training_settings",
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
            *_SAMPLING[settings.family], "finetune.training.trajectory:load_step", without=_CHANGES_NOTHING
        ),
        "generator": generator,
        "n_steps": settings.n_sampling_steps,
        "guidance": settings.guidance,
        "precision": settings.precision,
        "device": _kind(settings.device),
        "batch_size": settings.batch_size,
    }


def editing_code() -> str:
    """The code that pushes sampling along an edit direction."""
    return code_version(_EDITING, without=_CHANGES_NOTHING)


def tokens_code() -> str:
    """The code that writes images as tokens, before any detokenizer."""
    return code_version("finetune.families.anole.family:AnoleFamily._writer", without=_CHANGES_NOTHING)


def _kind(device: str) -> str:
    """What an arithmetic result may depend on: cpu or cuda, not which of several."""
    return device.partition(":")[0]
