"""The miniature's image tokenizer: a small diffusers `VQModel`, 64×64×3 → 8×8 tokens of 1,024 codes.

Its outer levels, 64 to 16 pixels, are those of the miniature's autoencoder. The inner ones and the codes are learned
on that autoencoder's features, which takes a tenth of the arithmetic that pixels would; the detokenizer is then
trained further on pixels. It sees plain renderings only, like the language model it belongs to.
"""

# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportCallIssue=false, reportIndexIssue=false
# pyright: reportOperatorIssue=false, reportOptionalCall=false, reportPrivateImportUsage=false
# The libraries' annotations are narrower than what their classes take and return.

from pathlib import Path

import torch
from diffusers import AutoencoderKL, VQModel
from torch import Tensor, nn
from torch.nn import functional as F

from finetune.miniature.examples import plain_examples
from finetune.miniature.models import pipeline_folder
from finetune.pretraining.loop import LoopSettings, train
from finetune.pretraining.networks.vae import image_loss, to_tensor

SETTINGS = LoopSettings(steps=3200, learning_rate=2e-3, average_decay=0.995, max_minutes=15.0, seed=61)
REFINEMENT = LoopSettings(steps=4000, learning_rate=1e-3, average_decay=0.998, max_minutes=30.0, seed=62)
BATCH_SIZE = 32
REFINEMENT_BATCH_SIZE = 8
N_SCENES = 16000
N_CODES = 1024
COMMITMENT = 0.25
UNQUANTIZED_STEPS = 200
"""Steps before codes are used; they then start as vectors that the encoder really gives."""
RENEWED_SHARE = 0.6
"""Share of the steps in which codes that nothing is encoded as are moved to vectors of the batch."""
CODE_DECAY = 0.98
LEAST_USE = 0.05
"""Vectors per batch, as a moving average, below which a code counts as dead (a fair share is two)."""


class InnerLevels(nn.Module):
    """The levels between 16×16 features and codes; codes follow the vectors nearest to them (VQ-VAE, A.1)."""

    def __init__(self, vq: VQModel) -> None:
        super().__init__()
        encoder, decoder = vq.encoder, vq.decoder
        self.down = nn.Sequential(
            encoder.down_blocks[2].downsamplers[0], encoder.down_blocks[3], encoder.mid_block,
            encoder.conv_norm_out, encoder.conv_act, encoder.conv_out, vq.quant_conv,
        )  # fmt: skip
        self.up = nn.Sequential(vq.post_quant_conv, decoder.conv_in, decoder.mid_block, decoder.up_blocks[0])
        self.joint = decoder.up_blocks[1].resnets[0]
        self.codes = vq.quantize.embedding.requires_grad_(False)
        self.register_buffer("use", torch.ones(N_CODES))
        self.register_buffer("total", self.codes.weight.detach().clone())

    def forward(self, features: Tensor, step: int) -> tuple[Tensor, Tensor, Tensor]:
        """What the decoder makes of features, the encoder's vectors and the codes' pull on them."""
        vectors = self.down(features).permute(0, 2, 3, 1)
        if step < UNQUANTIZED_STEPS:
            return self._up(vectors), vectors, torch.zeros(())
        if step == UNQUANTIZED_STEPS:
            self._place(torch.arange(N_CODES), vectors.detach().flatten(0, 2)[:N_CODES])
        flat = vectors.detach().flatten(0, 2)
        ids = nearest(flat, self.codes.weight)
        codes = self.codes(ids).view(vectors.shape).clone()
        if self.training:
            self.follow(flat, ids)
        return self._up(vectors + (codes - vectors).detach()), vectors, F.mse_loss(vectors, codes)

    @torch.no_grad()
    def follow(self, vectors: Tensor, ids: Tensor) -> None:
        """Move codes towards the vectors (n, d) that they stand for."""
        counts = torch.bincount(ids, minlength=len(self.use)).float()
        sums = torch.zeros_like(self.total).index_add_(0, ids, vectors)
        self.use.lerp_(counts, 1 - CODE_DECAY)
        self.total.lerp_(sums, 1 - CODE_DECAY)
        alive = self.use > 1e-3
        self.codes.weight[alive] = self.total[alive] / self.use[alive, None]

    @torch.no_grad()
    def renew(self, vectors: Tensor, generator: torch.Generator) -> None:
        """Move dead codes to vectors (b, h, w, d) of the batch."""
        flat = vectors.flatten(0, 2)
        dead = torch.nonzero(self.use < LEAST_USE).flatten()
        self._place(dead, flat[torch.randint(len(flat), (len(dead),), generator=generator)])

    def _up(self, vectors: Tensor) -> Tensor:
        return self.joint(self.up(vectors.permute(0, 3, 1, 2)), None)

    @torch.no_grad()
    def _place(self, which: Tensor, vectors: Tensor) -> None:
        self.codes.weight[which] = vectors
        self.use[which] = 1.0
        self.total[which] = vectors


def build_vq() -> VQModel:
    """A randomly initialised image tokenizer of about 0.8 M parameters, in the layout of Anole's."""
    return VQModel(
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        block_out_channels=(16, 48, 64, 48),
        layers_per_block=1,
        latent_channels=24,
        vq_embed_dim=16,
        num_vq_embeddings=N_CODES,
        norm_num_groups=8,
        sample_size=64,
        lookup_from_codebook=True,
    )


def pretrain_vq(folder: Path, *, settings: LoopSettings = SETTINGS) -> VQModel:
    """Train the inner levels on plain renderings; keeps its state in `folder`, saves to `folder/model`."""
    vae = AutoencoderKL.from_pretrained(pipeline_folder() / "vae", local_files_only=True).float().eval()
    torch.manual_seed(settings.seed)
    vq = build_vq()
    take_outer_levels(vq, vae)
    seen, wanted = features(vae, plain_examples(N_SCENES, seed=settings.seed).images)
    spread = up_to_joint(vae, wanted[:512].float()).std(dim=(0, 2, 3), keepdim=True)
    inner = InnerLevels(vq)

    def loss_of_step(generator: torch.Generator, step: int) -> Tensor:
        chosen = torch.randint(len(seen), (BATCH_SIZE,), generator=generator)
        made, vectors, pull = inner(seen[chosen].float(), step)
        if UNQUANTIZED_STEPS < step < RENEWED_SHARE * settings.steps:
            inner.renew(vectors.detach(), generator)
        target = up_to_joint(vae, wanted[chosen].float())
        return ((made - target) / spread).square().mean() + COMMITMENT * pull

    train(inner, loss_of_step, settings=settings, folder=folder)
    vq.eval().save_pretrained(folder / "model")
    return vq


def refine_detokenizer(folder: Path, *, vq_folder: Path, settings: LoopSettings = REFINEMENT) -> VQModel:
    """Train the detokenizer further on pixels; codes of images stay what they are."""
    torch.manual_seed(settings.seed)
    vq = VQModel.from_pretrained(vq_folder, local_files_only=True)
    vq.decoder.to(memory_format=torch.channels_last)
    images = plain_examples(N_SCENES, seed=settings.seed).images
    codes = encode(vq, images)
    detokenizer = nn.ModuleDict({"post_quant_conv": vq.post_quant_conv, "decoder": vq.decoder})

    def loss_of_step(generator: torch.Generator, step: int) -> Tensor:
        del step
        chosen = torch.randint(len(images), (REFINEMENT_BATCH_SIZE,), generator=generator)
        vectors = vq.quantize.embedding(codes[chosen]).permute(0, 3, 1, 2)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            made = vq.decoder(vq.post_quant_conv(vectors))
        return image_loss(made.float(), to_tensor(images[chosen.numpy()]))

    train(detokenizer, loss_of_step, settings=settings, folder=folder)
    vq.eval().save_pretrained(folder / "model")
    return vq


def take_outer_levels(vq: VQModel, vae: AutoencoderKL) -> None:
    """Copy the levels from 64 to 16 pixels out of the autoencoder."""
    ours, theirs = vq.encoder, vae.encoder
    ours.conv_in.load_state_dict(theirs.conv_in.state_dict())
    for level in range(3):
        ours.down_blocks[level].load_state_dict(theirs.down_blocks[level].state_dict(), strict=level < 2)
    ours, theirs = vq.decoder, vae.decoder
    ours.up_blocks[1].resnets[1].load_state_dict(theirs.up_blocks[0].resnets[1].state_dict())
    ours.up_blocks[1].upsamplers.load_state_dict(theirs.up_blocks[0].upsamplers.state_dict())
    for level in range(1, 3):
        ours.up_blocks[level + 1].load_state_dict(theirs.up_blocks[level].state_dict())
    ours.conv_norm_out.load_state_dict(theirs.conv_norm_out.state_dict())
    ours.conv_out.load_state_dict(theirs.conv_out.state_dict())


@torch.no_grad()
def features(vae: AutoencoderKL, images) -> tuple[Tensor, Tensor]:
    """The autoencoder's features (n, 64, 16, 16) of images before it codes them, and its latents, in half precision."""
    seen, latents = [], []
    for start in range(0, len(images), 64):
        hidden = vae.encoder.conv_in(to_tensor(images[start : start + 64]))
        for block in vae.encoder.down_blocks:
            hidden = block(hidden)
        seen.append(hidden.half())
        hidden = vae.encoder.mid_block(hidden)
        moments = vae.encoder.conv_out(vae.encoder.conv_act(vae.encoder.conv_norm_out(hidden)))
        latents.append(vae.quant_conv(moments)[:, : vae.config.latent_channels].half())
    return torch.cat(seen), torch.cat(latents)


@torch.no_grad()
def up_to_joint(vae: AutoencoderKL, latents: Tensor) -> Tensor:
    """What the autoencoder's decoder has made of latents where the two decoders meet."""
    decoder = vae.decoder
    hidden = decoder.mid_block(decoder.conv_in(vae.post_quant_conv(latents)))
    return decoder.up_blocks[0].resnets[0](hidden, None)


@torch.no_grad()
def encode(vq: VQModel, images) -> Tensor:
    """Codes (n, 8, 8) of uint8 images (n, 64, 64, 3)."""
    found = []
    for start in range(0, len(images), 64):
        latents = vq.encode(to_tensor(images[start : start + 64])).latents.permute(0, 2, 3, 1)
        ids = nearest(latents.flatten(0, 2), vq.quantize.embedding.weight)
        found.append(ids.view(latents.shape[:3]))
    return torch.cat(found)


def nearest(vectors: Tensor, codes: Tensor) -> Tensor:
    """Index of the nearest code of each vector, in Euclidean distance."""
    return (codes.square().sum(dim=1) - 2 * vectors @ codes.T).argmin(dim=1)
