"""Images from a latent-diffusion pipeline, one per prompt, from noise that its seed fixes (Eq. 1)."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import StableDiffusionPipeline
from diffusers.schedulers.scheduling_ddim import DDIMScheduler
from jaxtyping import Float, UInt8
from torch import Tensor

from finetune.families.diffusion.personalizer import text_states
from finetune.families.full_batches import as_bytes, in_full_batches
from finetune.families.strict_loading import quiet
from finexl.errors import InvalidInputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How images are drawn from a diffusion model: deterministic DDIM with classifier-free guidance."""

    n_steps: int = 12
    guidance: float = 3.0
    """Weight of the caption; 1 is no guidance, and costs half."""
    precision: str = "fp32"
    """Arithmetic of the U-Net: fp32, or bf16 (several times faster where the processor knows it)."""
    batch_size: int = 16
    """Images sampled together."""

    def __post_init__(self) -> None:
        if self.n_steps < 1 or self.batch_size < 1:
            raise InvalidInputError(
                "`n_steps` and `batch_size` of sampling must be at least 1. "
                f"Got {self.n_steps} and {self.batch_size}."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The part of sampling in which an edit is added, as shares of the steps: `start` ≤ step / n < `end`."""

    start: float = 0.0
    """Share of the sampling steps before the first that is edited."""
    end: float = 1.0
    """Share of the sampling steps before the first that is not edited any more."""

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end <= 1:
            raise InvalidInputError(
                "`start` and `end` of an edit must be shares of the sampling steps with 0 <= start < end <= 1. "
                f"Got {self.start:g} and {self.end:g}."
            )

    def covers(self, step: int, n_steps: int) -> bool:
        """Whether the edit is added at `step`, counted from 0."""
        return self.start <= step / n_steps < self.end


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Edit:
    """A term that is added to the prediction in a part of sampling (§6.3): scale · (ε(edit) − ε(no caption))."""

    states: Float[Tensor, "t d"]
    """The condition in place of a caption's states."""
    scale: float
    """How far is pushed; the level of an edited model."""
    window: Window = field(default_factory=Window)
    """When it is added."""


class DiffusionGenerator:
    """The paper's G: the same prompt and seed give the same image, whatever else is asked for with it.

    Noise comes from a CPU generator per seed. Edits of scale 0 are left out, so that they change no byte.
    """

    def __init__(
        self, pipeline: StableDiffusionPipeline, sampling: Sampling, *, edits: Sequence[Edit] = ()
    ) -> None:
        self._pipeline = pipeline
        self._sampling = sampling
        self._edits = tuple(edit for edit in edits if edit.scale != 0)
        # Both properties walk through every module of the network, so they are read once and not at every step.
        self._device, self._dtype = pipeline.unet.device, pipeline.unet.dtype
        with quiet():
            scheduler = DDIMScheduler.from_config(pipeline.scheduler.config)
        assert isinstance(scheduler, DDIMScheduler)
        self._scheduler = scheduler

    @torch.inference_mode()
    def sample(self, prompts: Sequence[str], seeds: Sequence[int]) -> UInt8[np.ndarray, "n h w 3"]:
        """One image per prompt."""
        empty = text_states(self._pipeline, [""])

        def batch(prompts: list[str], seeds: list[int]) -> UInt8[np.ndarray, "b h w 3"]:
            states = text_states(self._pipeline, prompts)
            return self._decoded(self._denoised(self._noise(seeds), states, empty))

        return np.concatenate(in_full_batches(prompts, seeds, batch, size=self._sampling.batch_size))

    def _noise(self, seeds: Sequence[int]) -> Float[Tensor, "b c h w"]:
        config = self._pipeline.unet.config
        shape = (int(config["in_channels"]), int(config["sample_size"]), int(config["sample_size"]))
        chances = [torch.Generator().manual_seed(seed) for seed in seeds]
        return torch.stack([torch.randn(shape, generator=chance) for chance in chances])

    def _denoised(
        self,
        noise: Float[Tensor, "b c h w"],
        states: Float[Tensor, "b t d"],
        empty: Float[Tensor, "1 t d"],
    ) -> Float[Tensor, "b c h w"]:
        """Latents after all steps of DDIM without added noise (η = 0)."""
        scheduler, n_steps = self._scheduler, self._sampling.n_steps
        scheduler.set_timesteps(n_steps, device=self._device)
        latents = noise.to(self._device) * scheduler.init_noise_sigma
        for step, time in enumerate(scheduler.timesteps.tolist()):
            edits = [edit for edit in self._edits if edit.window.covers(step, n_steps)]
            predicted = self._guided(latents, time, states, empty, edits)
            latents, *_ = scheduler.step(predicted, time, latents, eta=0.0, return_dict=False)
        return latents

    def _guided(
        self,
        latents: Float[Tensor, "b c h w"],
        time: int,
        states: Float[Tensor, "b t d"],
        empty: Float[Tensor, "1 t d"],
        edits: Sequence[Edit],
    ) -> Float[Tensor, "b c h w"]:
        """The prediction with classifier-free guidance and edits, all conditions in one pass.

        What holds for noise holds for velocity: at given latents, one is a multiple of the other plus a constant.
        """
        guidance = self._sampling.guidance
        conditions = [states, *(edit.states.expand_as(states) for edit in edits)]
        if guidance != 1 or edits:
            conditions.insert(0, empty.expand_as(states))
        rows = self._scheduler.scale_model_input(torch.cat([latents] * len(conditions)), time)
        stacked = torch.cat(conditions).to(self._device, self._dtype)
        first, *others = self._predicted(rows, time, stacked).chunk(len(conditions))
        if not others:
            return first
        with_caption, *edited = others
        predicted = first + guidance * (with_caption - first)
        for edit, with_edit in zip(edits, edited, strict=True):
            predicted = predicted + edit.scale * (with_edit - first)
        return predicted

    def _predicted(
        self, latents: Float[Tensor, "r c h w"], time: int, states: Float[Tensor, "r t d"]
    ) -> Float[Tensor, "r c h w"]:
        unet, fast = self._pipeline.unet, self._sampling.precision == "bf16"
        with torch.autocast(self._device.type, dtype=torch.bfloat16, enabled=fast):
            return unet(latents.to(self._dtype), time, encoder_hidden_states=states).sample.float()

    def _decoded(self, latents: Float[Tensor, "b c h w"]) -> UInt8[np.ndarray, "b h8 w8 3"]:
        vae = self._pipeline.vae
        shift = vae.config.get("shift_factor") or 0.0
        return as_bytes(vae.decode((latents / vae.config["scaling_factor"] + shift).to(vae.dtype)).sample)
