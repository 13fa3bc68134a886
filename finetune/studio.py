"""A loaded base generator at work: it trains copies of its U-Net and samples from any of them."""

import copy
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import StableDiffusionPipeline
from jaxtyping import UInt8

from finetune.diffusion import encode_examples, load_pipeline, noise_schedule, quiet
from finetune.generator import GeneratorSettings
from finetune.mixing import TrainingImages
from finetune.progress import Progress
from finetune.recipe import Recipe
from finetune.sampling import DiffusionGenerator, Sampling
from finetune.trajectory import Learner, TrainingSettings, kept_files, load_step, train_trajectory


class Studio:
    """Base and personalized generator, which share everything but the U-Net."""

    def __init__(self, settings: GeneratorSettings, *, progress: Progress) -> None:
        self._settings = settings
        self._progress = progress

    def train(self, recipe: Recipe, training: TrainingImages, *, folder: Path, workspace: Path) -> None:
        """Train in `workspace`, where an interrupted run continues, and move the kept steps to `folder`."""
        base, unet, device = self._base, self._personalized.unet, self._settings.device
        examples = encode_examples(base, training)
        unet.load_state_dict(base.unet.state_dict())
        settings = training_settings(self._settings)
        learner = Learner(unet=unet, schedule=noise_schedule(base), settings=settings)
        base.to("cpu")
        try:
            train_trajectory(recipe, examples, learner=learner, folder=workspace, progress=self._progress)
        finally:
            self._personalized.to(device)
            base.to(device)
        for path in kept_files(workspace):
            path.replace(folder / path.name)

    def base_images(self, prompts: Sequence[str], seeds: Sequence[int]) -> UInt8[np.ndarray, "n h w 3"]:
        """Images of the base generator."""
        return DiffusionGenerator(self._base, sampling(self._settings)).sample(prompts, seeds)

    def personalized_images(
        self, trajectory: Path, step: int, prompts: Sequence[str], seeds: Sequence[int]
    ) -> UInt8[np.ndarray, "n h w 3"]:
        """Images of the model that a trajectory kept at `step`."""
        load_step(self._personalized.unet, trajectory, step)
        return DiffusionGenerator(self._personalized, sampling(self._settings)).sample(prompts, seeds)

    @cached_property
    def _base(self) -> StableDiffusionPipeline:
        return load_pipeline(self._settings.folder, device=self._settings.device)

    @cached_property
    def _personalized(self) -> StableDiffusionPipeline:
        """The base pipeline with a U-Net of its own, whose weights are exchanged."""
        unet: UNet2DConditionModel = copy.deepcopy(self._base.unet)
        with quiet():
            pipeline = StableDiffusionPipeline(
                **{**self._base.components, "unet": unet}, requires_safety_checker=False
            )
        pipeline.set_progress_bar_config(disable=True)
        return pipeline


def sampling(settings: GeneratorSettings) -> Sampling:
    """How a generator samples."""
    return Sampling(
        n_steps=settings.n_sampling_steps,
        guidance=settings.guidance,
        precision=settings.precision,
        batch_size=settings.batch_size,
    )


def training_settings(settings: GeneratorSettings) -> TrainingSettings:
    """How a generator trains."""
    return TrainingSettings(
        device=settings.device,
        precision=settings.training_precision,
        caption_dropout=settings.caption_dropout,
        accumulate=settings.accumulate,
    )
