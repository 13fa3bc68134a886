"""The miniature's generator of portraits (§6.3): a small latent-diffusion pipeline of its own.

The base generator has never seen a face: its autoencoder loses eyes and skin, and its 20 tokens end before a
portrait's first feature is named. So portraits get a pipeline in the same layout, with an autoencoder, a
vocabulary and a U-Net a quarter of the size, trained in the same way on rendered faces alone.
"""

# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportCallIssue=false, reportPrivateImportUsage=false
# The libraries' annotations are narrower than what their classes take and return.

from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import CLIPTextModel

from finetune.miniature.examples import Examples
from finetune.miniature.portraits import (
    BACKDROPS,
    FEATURES,
    HAIR_COLORS,
    Portrait,
    feature_caption,
    portrait_caption,
    render_portraits,
    sample_portraits,
    shown_features,
)
from finetune.miniature.tokenizer import build_clip_tokenizer
from finetune.pretraining.cards import forget_paths
from finetune.pretraining.loop import LoopSettings, train
from finetune.pretraining.networks.diffusion import (
    Denoiser,
    assemble,
    build_scheduler,
    build_text_encoder,
    denoising_loss,
    encode,
    tokenise,
)
from finetune.pretraining.networks.directions import write_directions
from finetune.pretraining.networks.vae import latent_std, reconstruction_loss, to_tensor

SETTINGS = LoopSettings(steps=3400, learning_rate=2e-3, average_decay=0.997, max_minutes=90.0, seed=51)
AUTOENCODER = LoopSettings(steps=6000, learning_rate=3e-3, average_decay=0.995, max_minutes=7.0, seed=52)
N_PORTRAITS = 8000
BATCH_SIZE = 24
WORDS = tuple(dict.fromkeys((*FEATURES, *HAIR_COLORS, *BACKDROPS)))
MAX_LENGTH = 32
VOCABULARY = 592
WIDTH = 64
FACE = (slice(6, 13), slice(4, 12))
"""Where eyes and mouth are in the latents: features cover few of them, so errors there count FACE_WEIGHT times."""
FACE_WEIGHT = 4.0
READING = 0.1
"""Weight of the loss of reading a caption's words from its states: without it small features stay unread for long."""
SHORT_CAPTIONS = 0.25
"""Share of captions that name one feature and say nothing of the others."""


class PortraitDenoiser(Denoiser):
    """U-Net and text encoder with a reader that keeps the states of captions legible in training."""

    def __init__(self, unet: UNet2DConditionModel, text_encoder: CLIPTextModel) -> None:
        super().__init__(unet, text_encoder)
        self.reader = nn.Linear(WIDTH, len(WORDS))

    def reading_loss(self, tokens: Tensor, words: Tensor) -> Tensor:
        """How badly a linear map of the mean state tells which of `WORDS` each caption holds (n, words)."""
        states = self.text_encoder(tokens).last_hidden_state.mean(dim=1)
        return F.binary_cross_entropy_with_logits(self.reader(states), words)


def portrait_examples(n: int, seed: int) -> Examples:
    """`n` rendered faces with their captions; a share of these is short, as in "a person with a mustache"."""
    rng = np.random.default_rng(np.random.SeedSequence([seed, n, 3]))
    faces = sample_portraits(n, rng)
    captions = tuple(_caption(face, rng) for face in faces)
    return Examples(images=render_portraits(faces), captions=captions)


def build_autoencoder() -> AutoencoderKL:
    """A randomly initialised autoencoder, 64×64×3 → 16×16×4."""
    return AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * 3,
        up_block_types=("UpDecoderBlock2D",) * 3,
        block_out_channels=(16, 24, 32),
        layers_per_block=1,
        latent_channels=4,
        norm_num_groups=8,
        sample_size=64,
        mid_block_add_attention=False,
    )


def build_unet() -> UNet2DConditionModel:
    """A randomly initialised U-Net over 16×16×4 latents, with text attention at 8×8."""
    return UNet2DConditionModel(
        sample_size=16,
        in_channels=4,
        out_channels=4,
        layers_per_block=1,
        block_out_channels=(32, 48),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=WIDTH,
        attention_head_dim=(4, 4),
        norm_num_groups=8,
        use_linear_projection=True,
    )


def pretrain_portraits(folder: Path, *, vae_folder: Path, settings: LoopSettings = SETTINGS) -> Denoiser:
    """Train the generator of portraits; keeps its state in `folder`, saves the pipeline to `folder/model`."""
    examples = portrait_examples(N_PORTRAITS, seed=settings.seed)
    vae = AutoencoderKL.from_pretrained(vae_folder, local_files_only=True)
    tokenizer = build_clip_tokenizer(examples.captions, vocab_size=VOCABULARY, max_length=MAX_LENGTH)
    torch.manual_seed(settings.seed)
    denoiser = PortraitDenoiser(
        build_unet(), build_text_encoder(tokenizer, width=WIDTH, max_length=MAX_LENGTH)
    )
    denoiser.unet.to(memory_format=torch.channels_last)
    latents, tokens = encode(vae.eval(), examples), tokenise(tokenizer, ["", *examples.captions])
    denoising = denoising_loss(
        denoiser, latents, tokens, scheduler=build_scheduler(), batch_size=BATCH_SIZE, region=_region()
    )
    words = torch.tensor([[float(word in text.split()) for word in WORDS] for text in _spaced(examples)])

    def loss_of_step(generator: torch.Generator, step: int) -> Tensor:
        chosen = torch.randint(len(words), (4 * BATCH_SIZE,), generator=generator)
        return denoising(generator, step) + READING * denoiser.reading_loss(tokens[chosen + 1], words[chosen])

    train(denoiser, loss_of_step, settings=settings, folder=folder)
    assemble(vae, denoiser, tokenizer).to(dtype=torch.float16).save_pretrained(folder / "model")
    forget_paths(folder / "model")
    write_directions(folder / "model")
    return denoiser.float()


def pretrain_autoencoder(folder: Path, *, settings: LoopSettings = AUTOENCODER) -> AutoencoderKL:
    """Train the autoencoder; keeps its state in `folder`, saves to `folder/model`."""
    torch.manual_seed(settings.seed)
    vae = build_autoencoder().to(memory_format=torch.channels_last)
    images = portrait_examples(8000, seed=settings.seed).images

    def loss_of_step(generator: torch.Generator, step: int) -> Tensor:
        chosen = torch.randint(len(images), (8,), generator=generator).numpy()
        pixels = to_tensor(images[chosen]).to(memory_format=torch.channels_last)
        return reconstruction_loss(vae, pixels, generator)

    train(vae, loss_of_step, settings=settings, folder=folder)
    vae.register_to_config(scaling_factor=1 / latent_std(vae, images[:512]))
    vae.save_pretrained(folder / "model")
    return vae


def _region() -> Tensor:
    weights = torch.ones(16, 16)
    weights[FACE] = FACE_WEIGHT
    return weights / weights.mean()


def _spaced(examples: Examples) -> list[str]:
    """Captions without commas."""
    return [text.replace(",", "") for text in examples.captions]


def _caption(face: Portrait, rng: np.random.Generator) -> str:
    """The whole caption, or a short one of a feature that shows."""
    is_short, pick = rng.random() < SHORT_CAPTIONS, rng.integers(len(FEATURES))
    shown = shown_features(face)
    return feature_caption(shown[pick % len(shown)], face) if is_short and shown else portrait_caption(face)
