"""A loaded base generator at work: it trains recipes and samples from base, personalized and edited models."""

from functools import cached_property
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from finetune.families.generator import GeneratorSettings
from finetune.families.opening import EditableFamily, Family, open_family
from finetune.mixing import TrainingImages
from finetune.recipe import Recipe
from finetune.store.progress import Progress
from finetune.store.store import Store
from finetune.training.trajectory import Run, TrainingSettings, kept_files, load_step, train_trajectory
from finexl.errors import InvalidInputError
from finexl.interfaces import ImageGenerator

Images = UInt8[np.ndarray, "n h w 3"]


class Studio:
    """One base generator; the family that knows how to train it is loaded when it is first needed."""

    def __init__(self, settings: GeneratorSettings, *, store: Store, progress: Progress) -> None:
        self._settings = settings
        self._store = store
        self._progress = progress

    def train(self, recipe: Recipe, training: TrainingImages, *, folder: Path, workspace: Path) -> None:
        """Train in `workspace`, where an interrupted run continues, and move the kept steps to `folder`."""
        family = self._family
        stream = family.stream(training, recipe)
        run = Run(folder=workspace, settings=training_settings(self._settings))
        train_trajectory(recipe, family.personalizer(recipe), stream, run=run, progress=self._progress)
        for path in kept_files(workspace):
            path.replace(folder / path.name)

    def base(self) -> ImageGenerator:
        """The base generator."""
        return self._family.generator()

    def personalized(self, trajectory: Path, step: int, *, scale: float) -> ImageGenerator:
        """The model that a trajectory kept at `step`."""
        return self._family.generator(load_step(trajectory, step), scale=scale)

    def edited(self, direction: Path, *, scale: float, generator: str) -> ImageGenerator:
        """The base generator, whose identity is `generator`, pushed along an edit direction."""
        if not isinstance(self._family, EditableFamily):
            raise InvalidInputError(
                "Latent editing needs a diffusion generator. "
                f"Got the family {self._settings.family!r}. Choose generator=miniature_portraits."
            )
        return self._family.edited(direction, scale=scale, generator=generator)

    @cached_property
    def _family(self) -> Family:
        return open_family(self._settings, store=self._store)


def training_settings(settings: GeneratorSettings) -> TrainingSettings:
    """How a generator trains."""
    return TrainingSettings(
        device=settings.device,
        devices=settings.devices,
        strategy=settings.strategy,
        precision=settings.training_precision,
        accumulate=settings.accumulate,
    )
