"""Where in an image a diffusion model sees each word of its caption: its own cross-attention maps.

The image's latent is noised to a middle time and denoised once under the caption. Each cross-attention layer's
probabilities are then averaged over heads, brought to the latent's size, and averaged over layers and draws of
noise. The forward pass itself is untouched: queries and keys are read beside it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from diffusers.models.attention_processor import Attention
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import StableDiffusionPipeline
from jaxtyping import Float
from torch import Tensor
from torch.nn.functional import interpolate

from finetune.families.diffusion.personalizer import noise_schedule, text_states
from finexl.errors import InvalidInputError


@dataclass(frozen=True, slots=True, kw_only=True)
class MapSettings:
    """How maps are taken."""

    time: float = 0.5
    """Share of the noise schedule; at 0 there is nothing to denoise, at 1 nothing to see."""
    n_draws: int = 4
    """Noises that are averaged."""
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.time < 1 or self.n_draws < 1:
            raise InvalidInputError(
                "`time` of attention maps must be in [0, 1) and `n_draws` at least 1. "
                f"Got {self.time!r} and {self.n_draws!r}."
            )


@torch.no_grad()
def attention_maps(
    pipeline: StableDiffusionPipeline,
    latents: Float[Tensor, "n c h w"],
    captions: Sequence[str],
    *,
    settings: MapSettings,
) -> Float[Tensor, "n t h w"]:
    """For each image and each token of its caption, how much each place attends to it; tokens sum to 1."""
    unet = pipeline.unet
    schedule = noise_schedule(pipeline)
    n_times = int(schedule.config["num_train_timesteps"])
    times = torch.full((len(latents),), int(settings.time * n_times))
    states = text_states(pipeline, captions).to(unet.device, unet.dtype)
    chance = torch.Generator().manual_seed(settings.seed)
    total = torch.zeros(len(latents), states.shape[1], *latents.shape[2:])
    for _ in range(settings.n_draws):
        noise = torch.randn(latents.shape, generator=chance)
        noisy: Any = schedule.add_noise(latents, noise, times)  # pyright: ignore[reportArgumentType]  # int64
        with recorded(unet, latents.shape[2:]) as maps:
            unet(noisy.to(unet.device, unet.dtype), times.to(unet.device), encoder_hidden_states=states)
        total += torch.stack(maps).mean(dim=0)
    return total / settings.n_draws


@contextmanager
def recorded(unet: UNet2DConditionModel, size: Sequence[int]) -> Iterator[list[Float[Tensor, "n t h w"]]]:
    """Collect one map per cross-attention layer, in the order in which layers run."""
    maps: list[Tensor] = []
    queries: dict[str, Tensor] = {}
    handles = []
    for name, layer in unet.named_modules():
        if isinstance(layer, Attention) and layer.is_cross_attention:

            def keep(module: Any, given: Any, query: Tensor, name: str = name) -> None:
                queries[name] = query

            def score(
                module: Any, given: Any, key: Tensor, name: str = name, layer: Attention = layer
            ) -> None:
                maps.append(_map(layer, queries.pop(name), key, size))

            assert layer.to_k is not None
            handles += [layer.to_q.register_forward_hook(keep), layer.to_k.register_forward_hook(score)]
    try:
        yield maps
    finally:
        for handle in handles:
            handle.remove()


def _map(
    layer: Attention, query: Float[Tensor, "n p d"], key: Float[Tensor, "n t d"], size: Sequence[int]
) -> Float[Tensor, "n t h w"]:
    """Attention of places to tokens, averaged over heads and resized; coarser layers see a shrunken image."""
    n, places, _ = query.shape
    shape = (n, -1, layer.heads, query.shape[-1] // layer.heads)
    q, k = query.float().reshape(shape), key.float().reshape(shape)
    scores = torch.einsum("nphd,nthd->nhpt", q, k) * layer.scale
    shares = scores.softmax(dim=-1).mean(dim=1)  # (n, places, tokens)
    shrink = round((size[0] * size[1] / places) ** 0.5)
    coarse = (-(-size[0] // shrink), -(-size[1] // shrink))
    grid = shares.transpose(1, 2).reshape(n, -1, *coarse)
    return interpolate(grid, size=tuple(size), mode="bilinear", align_corners=False).cpu()
