"""The miniature's shipped models, loaded and ready to use."""

from collections.abc import Callable
from pathlib import Path

from finetune.families import open_family
from finetune.generator import GeneratorSettings
from finetune.miniature import models
from finetune.store import Store
from finexl.encoders.cache import CachedEncoder
from finexl.encoders.open_clip import load_open_clip
from finexl.errors import unknown_name
from finexl.interfaces import ImageGenerator

FOLDERS: dict[str, Callable[[], Path]] = {
    "diffusion": models.pipeline_folder,
    "controlgan": models.controlgan_folder,
    "anole": models.anole_folder,
}
"""The base generator of each family."""
GUIDANCE = {"diffusion": 3.0, "controlgan": 3.0, "anole": 1.5}
"""Of each; a language model this small loses its thread with more."""


def generator_settings(family: str = "diffusion", *, method: str = "full") -> GeneratorSettings:
    """The miniature's base generator of a family, with its usual sampling."""
    if family not in FOLDERS:
        raise unknown_name("generator", family, FOLDERS)
    return GeneratorSettings(
        folder=FOLDERS[family](), family=family, method=method, guidance=GUIDANCE[family]
    )


def base_generator(family: str = "diffusion", *, store: Path) -> ImageGenerator:
    """The miniature's base generator of a family; `store` keeps what it makes once and uses often."""
    return open_family(generator_settings(family), store=Store(store)).generator()


def encoder() -> CachedEncoder:
    """The miniature's encoder, which embeds nothing twice."""
    return CachedEncoder(load_open_clip(models.encoder_folder(), device="cpu"))
