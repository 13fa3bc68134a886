"""ControlGAN as a family of generators that can be personalized (paper §5, §6.5)."""

import copy
import dataclasses
from collections.abc import Mapping

from torch import Tensor

from finetune.families.controlgan.images import ControlImages
from finetune.families.controlgan.layout import Loaded, load_networks, load_strictly, require
from finetune.families.controlgan.personalizer import ControlPersonalizer
from finetune.families.controlgan.reading import CaptionReader
from finetune.families.controlgan.stream import ControlStream
from finetune.generator import GeneratorSettings
from finetune.mixing import TrainingImages
from finetune.recipe import Recipe
from finetune.store.store import Store
from finexl.errors import InvalidInputError


class ControlFamily:
    """A loaded base generator, which stays as it is; what is trained are copies."""

    def __init__(self, loaded: Loaded, *, settings: GeneratorSettings) -> None:
        self._loaded = loaded
        self._settings = settings
        architecture = loaded.networks.architecture
        self._reader = CaptionReader(
            loaded.networks.text_encoder, vocabulary=loaded.vocabulary, length=architecture.caption_length
        )

    def personalizer(self, recipe: Recipe) -> ControlPersonalizer:
        """Copies of generator and discriminators in training, beside the frozen encoders."""
        require(self._loaded, self._settings.folder)
        networks = self._loaded.networks
        trained = dataclasses.replace(
            networks,
            generator=copy.deepcopy(networks.generator),
            discriminators=copy.deepcopy(networks.discriminators),
        )
        return ControlPersonalizer(
            trained, learning_rate=recipe.learning_rate, ema_decay=self._settings.ema_decay
        )

    def stream(self, training: TrainingImages, recipe: Recipe) -> ControlStream:
        """Images and captions, the latter encoded once."""
        architecture = self._loaded.networks.architecture
        return ControlStream(training, recipe=recipe, architecture=architecture, reader=self._reader)

    def generator(self, kept: Mapping[str, Tensor] | None = None, *, scale: float = 1.0) -> ControlImages:
        """The base generator, or one with the weights that a level keeps."""
        if scale != 1:
            raise InvalidInputError(
                f"`scale` of a ControlGAN must be 1: it has no adapters. Got {scale:g}. Choose levels by steps."
            )
        networks, settings = self._loaded.networks, self._settings
        generator = networks.generator
        if kept is not None:
            generator = copy.deepcopy(generator)
            load_strictly(generator, dict(kept), of="a kept level")
        return ControlImages(
            generator.requires_grad_(False).to(settings.device),
            architecture=networks.architecture,
            reader=self._reader,
            batch_size=settings.batch_size,
            precision=settings.precision,
        )


def open_family(settings: GeneratorSettings, *, store: Store | None = None) -> ControlFamily:
    """Load a ControlGAN's folder, of which nothing is made once and used often.

    Raises:
        InvalidInputError: The settings split batches.
        GeneratorError: The folder is incomplete, or its files do not fit each other.
    """
    del store
    if settings.accumulate != 1 or settings.devices != 1 or settings.gradient_checkpointing:
        raise InvalidInputError(
            "A ControlGAN trains whole batches on one device: its losses compare the captions of a batch. "
            f"Got generator.accumulate={settings.accumulate}, generator.devices={settings.devices}, "
            f"generator.gradient_checkpointing={settings.gradient_checkpointing}."
        )
    return ControlFamily(load_networks(settings.folder), settings=settings)
