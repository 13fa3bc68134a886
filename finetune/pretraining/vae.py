"""The miniature's image autoencoder: a small diffusers `AutoencoderKL`, 64×64×3 → 16×16×4."""

# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportCallIssue=false, reportPrivateImportUsage=false
# The libraries' annotations are narrower than what their classes take and return.

from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL
from torch import Tensor, nn

from finetune.miniature.examples import STYLES, plain_examples, restyle
from finetune.pretraining.loop import LoopSettings, train

SETTINGS = LoopSettings(steps=6000, learning_rate=2e-3, average_decay=0.995, max_minutes=23.0, seed=11)
REFINEMENT = LoopSettings(steps=6000, learning_rate=1e-3, average_decay=0.998, max_minutes=17.5, seed=12)
BATCH_SIZE = 8
KL_WEIGHT = 1e-5


def build_vae() -> AutoencoderKL:
    """A randomly initialised autoencoder of about 0.7 M parameters."""
    return AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 3,
        up_block_types=("UpDecoderBlock2D",) * 3,
        block_out_channels=(16, 48, 64),
        layers_per_block=1,
        latent_channels=4,
        norm_num_groups=8,
        sample_size=64,
        mid_block_add_attention=False,
    )


def pretrain_vae(folder: Path, *, settings: LoopSettings = SETTINGS) -> AutoencoderKL:
    """Train on plain and restyled renderings; keeps its state in `folder`, saves to `folder/model`."""
    torch.manual_seed(settings.seed)
    vae = build_vae().to(memory_format=torch.channels_last)
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
        return image_loss(vae.decode(latents).sample, images)

    train(decoder, loss_of_step, settings=settings, folder=folder)
    vae.save_pretrained(folder / "model")
    return vae


def to_tensor(images: np.ndarray) -> Tensor:
    """uint8 (n, h, w, 3) → float (n, 3, h, w) in [−1, 1]."""
    return torch.from_numpy(images).permute(0, 3, 1, 2).float() / 127.5 - 1


def reconstruction_loss(vae: AutoencoderKL, images: Tensor, generator: torch.Generator) -> Tensor:
    """L1 on pixels and on their neighbour differences (textures and edges), plus a faint KL term."""
    posterior = vae.encode(images).latent_dist
    decoded = vae.decode(posterior.sample(generator)).sample
    return image_loss(decoded, images) + KL_WEIGHT * posterior.kl().mean() / images[0].numel()


def image_loss(decoded: Tensor, images: Tensor) -> Tensor:
    """L1 on pixels and, at half weight, on the differences of neighbours."""
    error = decoded - images
    texture = error[..., 1:, :] - error[..., :-1, :], error[..., 1:] - error[..., :-1]
    detail = sum((part.abs().mean() for part in texture), start=torch.zeros(()))
    return error.abs().mean() + 0.5 * detail


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
