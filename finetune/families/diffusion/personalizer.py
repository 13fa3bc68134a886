"""The latent-diffusion family: Stable Diffusion in its diffusers layout, at any size (paper §5).

As in the paper, Adam trains the U-Net alone, or small adapters in it. Latents and text states are computed once,
so neither the VAE nor the text encoder takes part in training. Noise prediction (SD 1.x, SD 2.1-base) and velocity
prediction (SD 2.1) are both read from the scheduler's configuration.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import StableDiffusionPipeline
from diffusers.schedulers.scheduling_ddpm import DDPMScheduler
from jaxtyping import Float, Int, UInt8
from safetensors import SafetensorError
from torch import Tensor
from torch.nn.functional import mse_loss

from finetune.families.diffusion.adapters import adapter_tensors
from finetune.families.diffusion.examples import Examples, NoisyBatch
from finetune.families.diffusion.networks import NETWORKS, load_networks
from finetune.families.strict_loading import quiet
from finetune.generator import GeneratorError, missing_generator
from finetune.mixing import TrainingImages
from finetune.training.personalizer import Personalizer
from finexl.errors import InvalidInputError

_AT_ONCE = 16
"""Images or captions encoded together."""
_TRUSTED = {"diffusers", "transformers", None}
_UNUSED = {"safety_checker", "feature_extractor", "image_encoder"}


class DiffusionPersonalizer(Personalizer):
    """Fine-tunes a U-Net on noisy latents with the mean squared error of its prediction (DDPM)."""

    def __init__(
        self,
        unet: UNet2DConditionModel,
        *,
        schedule: DDPMScheduler,
        learning_rate: float,
        ema_decay: float = 0.0,
    ) -> None:
        super().__init__(learning_rate=learning_rate, ema_decay=ema_decay)
        self.unet = unet
        self._schedule = schedule

    def learned(self) -> dict[str, Tensor]:
        """The adapters in the U-Net if it has any, else all its weights."""
        return adapter_tensors(self.unet) or dict(self.unet.state_dict(keep_vars=True))

    def training_step(self, batch: NoisyBatch, batch_index: int) -> Float[Tensor, ""]:
        """Loss of one batch."""
        del batch_index
        noisy = self._schedule.add_noise(batch.latents, batch.noise, _as_ints(batch.times))
        predicted = self.unet(noisy, batch.times, encoder_hidden_states=batch.states).sample
        return mse_loss(predicted.float(), target(batch, self._schedule))


def target(batch: NoisyBatch, schedule: DDPMScheduler) -> Float[Tensor, "b c h w"]:
    """What the U-Net is to predict: noise, velocity or the clean latents."""
    match schedule.config["prediction_type"]:
        case "epsilon":
            return batch.noise
        case "v_prediction":
            return schedule.get_velocity(batch.latents, batch.noise, _as_ints(batch.times))
        case "sample":
            return batch.latents
        case other:
            raise InvalidInputError(
                "`prediction_type` of a scheduler must be one of: epsilon, sample, v_prediction. "
                f"Got {other!r}."
            )


def _as_ints(times: Int[Tensor, " b"]) -> Any:
    """The same tensor; diffusers declares a narrower type than it takes."""
    return times


def noise_schedule(pipeline: StableDiffusionPipeline) -> DDPMScheduler:
    """The pipeline's own noise schedule in the form that training needs, whatever sampler it came with."""
    with quiet():
        schedule = DDPMScheduler.from_config(pipeline.scheduler.config)
    assert isinstance(schedule, DDPMScheduler)
    return schedule


@torch.no_grad()
def encode_examples(pipeline: StableDiffusionPipeline, training: TrainingImages) -> Examples:
    """Latents of the images and states of the captions, for training without VAE and text encoder.

    A latent is the posterior's mean, not a draw: Stable Diffusion's posteriors are narrow, and a fixed
    latent makes the run a function of its seed with nothing to encode twice.
    """
    unique = tuple(dict.fromkeys(training.captions))
    row = {caption: index for index, caption in enumerate(unique)}
    pixels = torch.from_numpy(training.images).permute(0, 3, 1, 2)
    states = [text_states(pipeline, block) for block in _blocks(("", *unique))]
    every_state = torch.cat(states)
    return Examples(
        latents=torch.cat([_latents(pipeline, block) for block in pixels.split(_AT_ONCE)]),
        states=every_state[1:],
        state_of=tuple(row[caption] for caption in training.captions),
        empty_state=every_state[0],
    )


@torch.no_grad()
def text_states(pipeline: StableDiffusionPipeline, captions: Sequence[str]) -> Float[Tensor, "n t d"]:
    """Last hidden states of the text encoder, float32 on the CPU; too long a caption loses its end."""
    tokenizer, encoder = pipeline.tokenizer, pipeline.text_encoder
    tokens = tokenizer(list(captions), padding="max_length", truncation=True, return_tensors="pt")
    mask = None
    if encoder.config.to_dict().get("use_attention_mask"):
        mask = tokens.attention_mask.to(encoder.device)
    return encoder(tokens.input_ids.to(encoder.device), attention_mask=mask)[0].float().cpu()


def load_pipeline(folder: Path, *, device: str = "cpu") -> StableDiffusionPipeline:
    """A Stable Diffusion pipeline from a local diffusers folder: safetensors only, nothing fetched or run.

    Raises:
        GeneratorError: The folder is no complete pipeline of networks that are known here, or a network does not hold
            exactly the weights of its configuration.
    """
    folder = Path(folder)
    _check_layout(folder)
    try:
        with quiet():
            pipeline = StableDiffusionPipeline.from_pretrained(
                folder,
                local_files_only=True,
                use_safetensors=True,
                **load_networks(folder),
                **dict.fromkeys(_UNUSED),
                requires_safety_checker=False,
            )
    except (OSError, ValueError, SafetensorError) as reason:
        raise GeneratorError(
            f"{folder} must hold a complete Stable Diffusion pipeline with safetensors weights. "
            f"Got: {reason}. Convert `.bin` weights with `pipeline.save_pretrained(folder)`."
        ) from reason
    pipeline.set_progress_bar_config(disable=True)
    for part in (pipeline.unet, pipeline.vae, pipeline.text_encoder):
        part.requires_grad_(False).eval()
    pipeline.unet.to(memory_format=torch.channels_last)  # a third faster in training on a CPU
    pipeline.vae.to(memory_format=torch.channels_last)
    return pipeline.to(device)


def _latents(
    pipeline: StableDiffusionPipeline, pixels: UInt8[Tensor, "n 3 h w"]
) -> Float[Tensor, "n c h8 w8"]:
    vae = pipeline.vae
    images = (pixels.to(vae.device, vae.dtype) / 127.5) - 1
    mean = vae.encode(images).latent_dist.mean
    shift = vae.config.get("shift_factor") or 0.0
    return ((mean - shift) * vae.config["scaling_factor"]).float().cpu()


def _blocks(captions: Sequence[str]) -> list[Sequence[str]]:
    return [captions[start : start + _AT_ONCE] for start in range(0, len(captions), _AT_ONCE)]


def _check_layout(folder: Path) -> None:
    """Refuse what is missing, of another class, or would run code that is not in the libraries."""
    try:
        index = json.loads((folder / "model_index.json").read_bytes())
    except OSError as reason:
        raise missing_generator(folder) from reason
    parts = {name: entry for name, entry in index.items() if isinstance(entry, list) and name not in _UNUSED}
    foreign = sorted(name for name, (library, *_) in parts.items() if library not in _TRUSTED)
    other = {name: parts.get(name, ["", ""])[-1] for name in NETWORKS}
    expected = {name: of.__name__ for name, of in NETWORKS.items()}
    if index.get("_class_name") != "StableDiffusionPipeline" or foreign:
        raise GeneratorError(
            f"`model_index.json` in {folder} must describe a StableDiffusionPipeline whose parts come from "
            f"diffusers and transformers. Got {index.get('_class_name')!r} with foreign parts {foreign!r}."
        )
    if other != expected:
        raise GeneratorError(
            f"`model_index.json` in {folder} must name the networks {expected!r}. Got {other!r}."
        )
