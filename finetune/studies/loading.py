"""The miniature's shipped models, loaded and ready to use."""

from pathlib import Path

from finetune.families.opening import open_family
from finetune.family_facts import FAMILIES
from finetune.generator import GeneratorSettings
from finetune.miniature import models
from finetune.store.store import Store
from finexl.encoders.cache import CachedEncoder
from finexl.encoders.open_clip import load_open_clip
from finexl.errors import unknown_name
from finexl.interfaces import Encoder, ImageGenerator


def generator_settings(family: str = "diffusion", *, method: str = "full") -> GeneratorSettings:
    """The miniature's base generator of a family, with its usual sampling."""
    if family not in FAMILIES:
        raise unknown_name("generator", family, FAMILIES)
    facts = FAMILIES[family]
    folder = models.WEIGHTS / facts.miniature
    return GeneratorSettings(folder=folder, family=family, method=method, **facts.miniature_settings)


def base_generator(family: str = "diffusion", *, store: Path) -> ImageGenerator:
    """The miniature's base generator of a family; `store` keeps what it makes once and uses often."""
    return open_family(generator_settings(family), store=Store(store)).generator()


def encoder(name: str = "encoder") -> CachedEncoder:
    """One of the miniature's encoders, which embeds nothing twice."""
    if name not in models.ENCODERS:
        raise unknown_name("encoder", name, models.ENCODERS)
    return CachedEncoder(read_encoder(models.encoder_folder(name), library=models.ENCODERS[name][0]))


def read_encoder(folder: Path, *, library: str) -> Encoder:
    """The encoder in a folder of `library`, `open_clip` or `transformers`, on the CPU."""
    if library == "open_clip":
        return load_open_clip(folder, device="cpu")
    from finexl.encoders.transformers import load_transformers_encoder

    return load_transformers_encoder(str(folder), device="cpu")
