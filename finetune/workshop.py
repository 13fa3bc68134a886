"""Where personalized models and their images come from: everything is looked up first and made at most once.

A key is the version of a stage's code, its settings and the identity of what goes in; never a name or a path.
The generator is loaded when something has to be made, so a run in which all is stored needs no torch.
"""

from collections.abc import Sequence
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import UInt8

from finetune.corpora import Corpus
from finetune.generator import GeneratorSettings, generator_id
from finetune.mixing import TrainingImages, n_base_images, training_images
from finetune.pairs import read_images, write_images
from finetune.progress import Progress, Silent
from finetune.recipe import Recipe
from finetune.store import Store
from finexl.errors import InvalidInputError

if TYPE_CHECKING:
    import finetune.studio

Images = UInt8[np.ndarray, "n h w 3"]

TRAJECTORY_VERSION = 1
"""Raise when training would give other weights for the same recipe."""
IMAGES_VERSION = 1
"""Raise when sampling would give other images from the same weights."""
MIXING_SEED = 20_001
"""First seed of the prompts and noise of base-model images for mixtures, apart from those of probes."""

_BLOCK = 16
"""Base-model images for mixtures are stored in blocks, so that a small share needs few of them."""


class Workshop:
    """Makes, keeps and finds the personalized models of one base generator, and images of both."""

    def __init__(
        self, *, store: Store, generator: GeneratorSettings, corpus: Corpus, progress: Progress | None = None
    ) -> None:
        self._store = store
        self._generator = generator
        self._corpus = corpus
        self._progress: Progress = progress or Silent()

    @cached_property
    def generator_id(self) -> str:
        """A hash of the base generator's weights and configuration."""
        return generator_id(self._generator.folder)

    def train(self, recipe: Recipe) -> Path:
        """The folder of a recipe's trajectory."""
        self._check(recipe)
        key = self._trajectory_key(recipe)

        def make(folder: Path) -> None:
            training = self.training_images(recipe)
            workspace = self._store.workspace("trajectory", key)
            self._studio.train(recipe, training, folder=folder, workspace=workspace)

        return self._store.get_or_make("trajectory", key, make, describe=self._trajectory_identity(recipe))

    def is_trained(self, recipe: Recipe) -> bool:
        """The recipe's trajectory is stored."""
        return self._store.has("trajectory", self._trajectory_key(recipe))

    def base_images(self, prompts: Sequence[str], seeds: Sequence[int]) -> Images:
        """Images of the base generator."""
        return self._images(None, 0, prompts, seeds)

    def personalized_images(
        self, recipe: Recipe, step: int, prompts: Sequence[str], seeds: Sequence[int]
    ) -> Images:
        """Images of a personalized model, from the noise that the base images of these seeds came from."""
        self._check(recipe)
        if step not in (0, *recipe.steps):
            raise InvalidInputError(
                f"`step` must be 0 or a kept step of the recipe {recipe.steps!r}. Got {step}."
            )
        return self._images(recipe, step, prompts, seeds)

    def images_key(
        self, recipe: Recipe | None, step: int, prompts: Sequence[str], seeds: Sequence[int]
    ) -> str:
        """The store key of images; step 0 of any recipe is the base generator."""
        return self._store.key_of(self._images_identity(recipe, step, prompts, seeds))

    def has_images(
        self, recipe: Recipe | None, step: int, prompts: Sequence[str], seeds: Sequence[int]
    ) -> bool:
        """These images are stored."""
        return self._store.has("images", self.images_key(recipe, step, prompts, seeds))

    def training_images(self, recipe: Recipe) -> TrainingImages:
        """The recipe's training list, with the base generator's own images as the mixture asks."""
        prompts, images = self._base_share(n_base_images(recipe))
        return training_images(recipe, corpus=self._corpus, base_images=images, base_captions=prompts)

    def _images(
        self, recipe: Recipe | None, step: int, prompts: Sequence[str], seeds: Sequence[int]
    ) -> Images:
        def make(folder: Path) -> None:
            if recipe is None or step == 0:
                images = self._studio.base_images(prompts, seeds)
            else:
                images = self._studio.personalized_images(self.train(recipe), step, prompts, seeds)
            write_images(folder, images)

        identity = self._images_identity(recipe, step, prompts, seeds)
        return read_images(
            self._store.get_or_make("images", self._store.key_of(identity), make, describe=identity)
        )

    def _base_share(self, n: int) -> tuple[tuple[str, ...], Images]:
        """The first `n` base-model images for mixtures, and their captions."""
        n_blocks = -(-n // _BLOCK)
        blocks = [np.empty((0, 1, 1, 3), np.uint8)] if n == 0 else []
        captions: list[str] = []
        for block in range(n_blocks):
            self._progress.step(block, n_blocks, "base images")
            prompts = self._corpus.prompts(_BLOCK, MIXING_SEED + block)
            first = MIXING_SEED + block * _BLOCK
            blocks.append(self.base_images(prompts, range(first, first + _BLOCK)))
            captions.extend(prompts)
        return tuple(captions[:n]), np.concatenate(blocks)[:n]

    @cached_property
    def _studio(self) -> "finetune.studio.Studio":
        from finetune.studio import Studio  # brings torch and diffusers

        return Studio(self._generator, progress=self._progress)

    def _check(self, recipe: Recipe) -> None:
        if recipe.generator != self.generator_id:
            raise InvalidInputError(
                f"`generator` of a recipe must be the id of the workshop's generator, {self.generator_id!r}. "
                f"Got {recipe.generator!r}."
            )

    def _trajectory_key(self, recipe: Recipe) -> str:
        return self._store.key_of(self._trajectory_identity(recipe))

    def _trajectory_identity(self, recipe: Recipe) -> dict[str, Any]:
        settings = self._generator
        identity = {
            "stage": "trajectory",
            "version": TRAJECTORY_VERSION,
            "generator": self.generator_id,
            "corpus": self._corpus.id,
            "recipe": asdict(recipe),
            "precision": settings.training_precision,
            "device": _kind(settings.device),
            "caption_dropout": settings.caption_dropout,
            "accumulate": settings.accumulate,
        }
        if recipe.mixture.base_parts:
            identity["base_images"] = self._sampling_identity()
        return identity

    def _images_identity(
        self, recipe: Recipe | None, step: int, prompts: Sequence[str], seeds: Sequence[int]
    ) -> dict[str, Any]:
        trajectory = None if recipe is None or step == 0 else self._trajectory_key(recipe)
        return {
            "stage": "images",
            "sampling": self._sampling_identity(),
            "trajectory": trajectory,
            "step": step,
            "prompts": list(prompts),
            "seeds": list(seeds),
        }

    def _sampling_identity(self) -> dict[str, Any]:
        settings = self._generator
        return {
            "version": IMAGES_VERSION,
            "generator": self.generator_id,
            "n_steps": settings.n_sampling_steps,
            "guidance": settings.guidance,
            "precision": settings.precision,
            "device": _kind(settings.device),
            "batch_size": settings.batch_size,
        }


def _kind(device: str) -> str:
    """What an arithmetic result may depend on: cpu or cuda, not which of several."""
    return device.partition(":")[0]
