"""The latent-diffusion family at work: it trains copies of a pipeline's U-Net and samples from any of them."""

import copy
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import StableDiffusionPipeline
from torch import Tensor

from finetune.families.diffusion.adapter_files import load_adapter, networks_of
from finetune.families.diffusion.adapters import TARGETS, AdapterLayout, adapter_of, inject, merge
from finetune.families.diffusion.attention_maps import MapSettings
from finetune.families.diffusion.examples import Draw, ExampleStream
from finetune.families.diffusion.finestyle import ScalingSettings, concept_scaled
from finetune.families.diffusion.latent_editing import edited_generator, read_direction
from finetune.families.diffusion.personalizer import (
    DiffusionPersonalizer,
    encode_examples,
    load_pipeline,
    noise_schedule,
)
from finetune.families.diffusion.sampling import DiffusionGenerator, Sampling
from finetune.families.image_sizes import check_size
from finetune.families.strict_loading import quiet
from finetune.generator import GeneratorSettings
from finetune.mixing import TrainingImages
from finetune.recipe import Recipe
from finetune.store.store import Store


class DiffusionFamily:
    """Base and personalized generator, which share everything but the U-Net."""

    def __init__(self, settings: GeneratorSettings, *, store: Store | None = None) -> None:
        del store  # nothing is made once and used often
        self._settings = settings

    def personalizer(self, recipe: Recipe) -> DiffusionPersonalizer:
        """The U-Net in training, whole or with adapters on a frozen one."""
        unet = self._copy()
        if recipe.method in TARGETS:
            layout = AdapterLayout(targets=TARGETS[recipe.method], rank=self._settings.rank)
            inject(unet, layout, seed=recipe.seed)
        else:
            unet.requires_grad_(True)
        if self._settings.gradient_checkpointing:
            unet.enable_gradient_checkpointing()
        return DiffusionPersonalizer(
            unet.float().train(),
            schedule=noise_schedule(self._base),
            learning_rate=recipe.learning_rate,
            ema_decay=self._settings.ema_decay,
        )

    def stream(self, training: TrainingImages, recipe: Recipe) -> ExampleStream:
        """Latents and text states, computed once; FineStyle first makes several images of each."""
        height, width = training.images.shape[1:3]
        check_size((height, width), self._settings)
        if recipe.method == "finestyle":
            scaling = ScalingSettings(maps=MapSettings(seed=recipe.seed))
            training = concept_scaled(self._base, training, settings=scaling)
        draw = Draw(
            batch_size=recipe.batch_size,
            n_times=int(noise_schedule(self._base).config["num_train_timesteps"]),
            caption_dropout=self._settings.caption_dropout,
            seed=recipe.seed,
            chunks=self._settings.accumulate,
        )
        return ExampleStream(examples=encode_examples(self._base, training), draw=draw)

    def generator(
        self, kept: Mapping[str, Tensor] | None = None, *, scale: float = 1.0
    ) -> DiffusionGenerator:
        """The base generator, or one with what a level keeps: a U-Net, or an adapter and how much it counts."""
        if kept is None:
            return DiffusionGenerator(self._base, self._sampling)
        unet = self._copy()
        if adapter := adapter_of(kept):
            merge(unet, adapter, scale=scale)
        else:
            unet.load_state_dict(kept)
        return DiffusionGenerator(self._with(unet), self._sampling)

    def composed(self, adapters: Sequence[tuple[Mapping[str, Tensor], float]]) -> DiffusionGenerator:
        """The base generator with the updates of several adapters added to its weights, each at its scale."""
        unet = self._copy()
        for kept, scale in adapters:
            merge(unet, adapter_of(kept), scale=scale)
        return DiffusionGenerator(self._with(unet), self._sampling)

    def edited(self, direction: Path, *, scale: float, generator: str = "") -> DiffusionGenerator:
        """The base generator pushed along the direction in a file (§6.3), if it was made for this `generator`."""
        found = read_direction(direction)
        return edited_generator(self._base, self._sampling, found, scale=scale, generator=generator)

    @property
    def _sampling(self) -> Sampling:
        return sampling(self._settings)

    @cached_property
    def _base(self) -> StableDiffusionPipeline:
        pipeline = load_pipeline(self._settings.folder, device=self._settings.device)
        if self._settings.adapter is not None:
            scale = self._settings.adapter_scale
            load_adapter(networks_of(pipeline), self._settings.adapter, scale=scale)
        return pipeline

    def _copy(self) -> UNet2DConditionModel:
        """The base's U-Net once more, frozen; it lives as long as what it is made for."""
        return copy.deepcopy(self._base.unet)

    def _with(self, unet: UNet2DConditionModel) -> StableDiffusionPipeline:
        """The base pipeline with another U-Net."""
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
