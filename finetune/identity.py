"""What trained weights and images depend on, as plain values that name them in the store."""

from dataclasses import asdict
from typing import Any

from finetune.generator import GeneratorSettings
from finetune.recipe import Recipe

TRAJECTORY_VERSION = 1
"""Raise when training would give other weights for the same recipe."""
IMAGES_VERSION = 1
"""Raise when sampling would give other images from the same weights."""

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
    }
    if method != "full":
        identity |= {"method": method, "rank": settings.rank}
    chosen = {name: getattr(settings, name) for name in _USUAL}
    return identity | {name: given for name, given in chosen.items() if given != _USUAL[name]}


def sampling_identity(settings: GeneratorSettings, generator: str) -> dict[str, Any]:
    """What images depend on beside weights, prompts and seeds."""
    return {
        "version": IMAGES_VERSION,
        "generator": generator,
        "n_steps": settings.n_sampling_steps,
        "guidance": settings.guidance,
        "precision": settings.precision,
        "device": _kind(settings.device),
        "batch_size": settings.batch_size,
    }


def _kind(device: str) -> str:
    """What an arithmetic result may depend on: cpu or cuda, not which of several."""
    return device.partition(":")[0]
