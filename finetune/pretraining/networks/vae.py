"""The miniature's image autoencoder: a small diffusers `AutoencoderKL`, 64×64×3 → 16×16×8.

Eight channels, since four lost grain, hatching and weave: a pixel-wise loss averages away what it cannot place. What of
a texture cannot be placed is asked for in kind: its energy in every patch of eight pixels must be that of the image.
"""

# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportCallIssue=false, reportPrivateImportUsage=false
# The libraries' annotations are narrower than what their classes take and return.

from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL
from torch import Tensor, nn
from torch.nn import functional as F

from finetune.miniature.examples import STYLES, plain_examples, restyle
from finetune.pretraining.loop import LoopSettings, train

SETTINGS = LoopSettings(steps=9000, learning_rate=1.5e-3, average_decay=0.998, seed=11)
REFINEMENT = LoopSettings(steps=4000, learning_rate=1e-3, average_decay=0.998, seed=12)
BATCH_SIZE = 8
LATENT_CHANNELS = 8
KL_WEIGHT = 1e-5
ENERGY_WEIGHT = 1.0
ENERGY_PATCH = 8
"""Pixels of the squares in which the energy of texture is compared."""


def build_vae() -> AutoencoderKL:
    """A randomly initialised autoencoder of about 0.7 M parameters."""
    return AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 3,
        up_block_types=("UpDecoderBlock2D",) * 3,
        block_out_channels=(16, 48, 64),
        layers_per_block=1,
        latent_channels=LATENT_CHANNELS,
        norm_num_groups=8,
        sample_size=64,
        mid_block_add_attention=False,
    )


def pretrain_vae(
    folder: Path, *, start: Path | None = None, settings: LoopSettings = SETTINGS
) -> AutoencoderKL:
    """Train on plain and restyled renderings; keeps its state in `folder`, saves to `folder/model`.

    With the folder of an earlier autoencoder as `start`, training goes on from the weights that both have.
    """
    torch.manual_seed(settings.seed)
    vae = build_vae()
    if start is not None:
        inherit(vae, AutoencoderKL.from_pretrained(start, local_files_only=True).float())
    vae.to(memory_format=torch.channels_last)
    examples = plain_examples(16000, seed=settings.seed)

    def loss_of_step(generator: torch.Generator, step: int) -> Tensor:
        return reconstruction_loss(vae, _batch(examples.images, generator, step), generator)

    train(vae, loss_of_step, settings=settings, folder=folder)
    vae.register_to_config(scaling_factor=1 / latent_std(vae, examples.images[:512]))
    vae.save_pretrained(folder / "model")
    return vae


def refine_decoder(folder: Path, *, vae_folder: Path, settings: LoopSettings = REFINEMENT) -> AutoencoderKL:
    """Train the decoder further on the latents of a trained autoencoder, which stay what they are."""
    torch.manual_seed(settings.seed)
    vae = AutoencoderKL.from_pretrained(vae_folder, local_files_only=True).to(
        memory_format=torch.channels_last
    )
    decoder = nn.ModuleDict({"post_quant_conv": vae.post_quant_conv, "decoder": vae.decoder})
    examples = plain_examples(16000, seed=settings.seed)

    def loss_of_step(generator: torch.Generator, step: int) -> Tensor:
        images = _batch(examples.images, generator, step)
        with torch.no_grad():
            latents = vae.encode(images).latent_dist.mean
        with torch.autocast("cpu", dtype=torch.bfloat16):
            decoded = vae.decode(latents).sample.float()
        return image_loss(decoded, images) + ENERGY_WEIGHT * energy_loss(decoded, images)

    train(decoder, loss_of_step, settings=settings, folder=folder)
    vae.save_pretrained(folder / "model")
    return vae


@torch.no_grad()
def inherit(vae: AutoencoderKL, earlier: AutoencoderKL) -> None:
    """Take over every weight of an earlier autoencoder; channels of the latents that it lacks start without a say."""
    own, old = vae.state_dict(), earlier.state_dict()
    n_old = earlier.config.latent_channels
    moments = [*range(n_old), *range(LATENT_CHANNELS, LATENT_CHANNELS + n_old)]  # means, then log-variances
    places: dict[str, tuple[list[int] | slice, list[int] | slice]] = {
        "encoder.conv_out": (moments, slice(None)),
        "quant_conv": (moments, moments),
        "post_quant_conv": (list(range(n_old)), list(range(n_old))),
        "decoder.conv_in": (slice(None), list(range(n_old))),
    }
    for name, value in own.items():
        layer, _, kind = name.rpartition(".")
        if layer not in places:
            value.copy_(old[name])
            continue
        rows, columns = places[layer]
        if kind == "bias":
            value[rows] = old[name]
        else:
            part = torch.zeros_like(value[rows])
            part[:, columns] = old[name]
            value[rows] = part


def to_tensor(images: np.ndarray) -> Tensor:
    """uint8 (n, h, w, 3) → float (n, 3, h, w) in [−1, 1]."""
    return torch.from_numpy(images).permute(0, 3, 1, 2).float() / 127.5 - 1


def reconstruction_loss(vae: AutoencoderKL, images: Tensor, generator: torch.Generator) -> Tensor:
    """L1 on pixels and on their neighbour differences (textures and edges), plus a faint KL term."""
    with torch.autocast("cpu", dtype=torch.bfloat16):
        posterior = vae.encode(images).latent_dist
        decoded = vae.decode(posterior.sample(generator)).sample.float()
    kl = posterior.kl().float().mean() / images[0].numel()
    return image_loss(decoded, images) + ENERGY_WEIGHT * energy_loss(decoded, images) + KL_WEIGHT * kl


def image_loss(decoded: Tensor, images: Tensor) -> Tensor:
    """L1 on pixels and, at half weight, on the differences of neighbours."""
    error = decoded - images
    texture = error[..., 1:, :] - error[..., :-1, :], error[..., 1:] - error[..., :-1]
    detail = sum((part.abs().mean() for part in texture), start=torch.zeros(()))
    return error.abs().mean() + 0.5 * detail


def energy_loss(decoded: Tensor, images: Tensor) -> Tensor:
    """L1 between the mean absolute differences of neighbours in every patch: how much texture, wherever it lies."""
    parts = [(_energy(decoded, dim) - _energy(images, dim)).abs().mean() for dim in (2, 3)]
    return torch.stack(parts).sum()


def _energy(images: Tensor, dim: int) -> Tensor:
    steps = images.diff(dim=dim).abs()
    return F.avg_pool2d(steps, ENERGY_PATCH, stride=ENERGY_PATCH // 2)


@torch.no_grad()
def latent_std(vae: AutoencoderKL, images: np.ndarray) -> float:
    """Standard deviation of the latent means; its inverse is the pipeline's scaling factor."""
    means = [vae.encode(to_tensor(images[i : i + 64])).latent_dist.mean for i in range(0, len(images), 64)]
    return float(torch.cat(means).std())


def _batch(images: np.ndarray, generator: torch.Generator, step: int) -> Tensor:
    chosen = torch.randint(len(images), (BATCH_SIZE,), generator=generator).numpy()
    styles = (
        torch.randint(-len(STYLES), len(STYLES), (BATCH_SIZE,), generator=generator).clamp(min=-1).numpy()
    )
    strengths = torch.rand(BATCH_SIZE, generator=generator).numpy()
    return to_tensor(restyle(images[chosen], styles, strengths, seed=step)).to(
        memory_format=torch.channels_last
    )
