"""The miniature's shipped models, loaded and ready to use."""

from finetune.diffusion import load_pipeline
from finetune.generator import GeneratorSettings
from finetune.miniature.models import encoder_folder, pipeline_folder
from finetune.sampling import DiffusionGenerator
from finetune.studio import sampling
from finexl.encoders.cache import CachedEncoder
from finexl.encoders.open_clip import load_open_clip


def base_generator() -> DiffusionGenerator:
    """The miniature's base generator with its default sampling."""
    settings = GeneratorSettings(folder=pipeline_folder())
    return DiffusionGenerator(load_pipeline(settings.folder, device=settings.device), sampling(settings))


def encoder() -> CachedEncoder:
    """The miniature's encoder, which embeds nothing twice."""
    return CachedEncoder(load_open_clip(encoder_folder(), device="cpu"))
