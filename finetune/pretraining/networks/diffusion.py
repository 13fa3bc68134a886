"""The miniature's Stable Diffusion: a diffusers `StableDiffusionPipeline` in SD 2.1's layout, at 64 pixels.

The autoencoder is trained before (`vae.py`); U-Net and text encoder are trained here together, with v-prediction
like SD 2.1 and min-SNR weights (Hang et al. 2023) in their form for velocities, on the latents of plain renderings and
of some in a style that the caption names. So the pipeline knows styles by name, as Stable Diffusion does, and shows
none unless it is asked to or personalized. Small adapters have nothing to steer in a network that never saw a style.
"""

# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportCallIssue=false, reportPrivateImportUsage=false
# The libraries' annotations are narrower than what their classes take and return.

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from finetune.miniature.examples import Examples, worded_examples
from finetune.miniature.tokenizer import build_clip_tokenizer
from finetune.pretraining.loop import LoopSettings, LossOfStep, train
from finetune.pretraining.networks.vae import to_tensor

SETTINGS = LoopSettings(steps=7000, learning_rate=1e-3, average_decay=0.999, seed=31)
BATCH_SIZE = 32
N_PLAIN, N_STYLED = 18000, 18000
VOCABULARY = 1400
MAX_LENGTH = 24
WIDTH = 128
CAPTION_DROPOUT = 0.1
MIN_SNR = 5.0


class Denoiser(nn.Module):
    """U-Net and text encoder, trained as one."""

    def __init__(self, unet: UNet2DConditionModel, text_encoder: CLIPTextModel) -> None:
        super().__init__()
        self.unet = unet
        self.text_encoder = text_encoder

    def forward(self, noisy: Tensor, timesteps: Tensor, tokens: Tensor) -> Tensor:
        with torch.autocast("cpu", torch.bfloat16), _float32_attention():
            states = self.text_encoder(tokens).last_hidden_state
            return self.unet(noisy, timesteps, states, return_dict=False)[0].float()


@contextmanager
def _float32_attention() -> Iterator[None]:
    """Compute attention in float32 under autocast: on CPUs its bfloat16 gradient takes longer than all the rest."""
    attend = F.scaled_dot_product_attention

    def attend_float32(query: Tensor, key: Tensor, value: Tensor, **options) -> Tensor:
        with torch.autocast("cpu", enabled=False):
            return attend(query.float(), key.float(), value.float(), **options).to(query.dtype)

    F.scaled_dot_product_attention = attend_float32
    try:
        yield
    finally:
        F.scaled_dot_product_attention = attend


def build_unet(n_channels: int) -> UNet2DConditionModel:
    """A randomly initialised U-Net over 16×16 latents, with text attention above the lowest level, like SD's."""
    return UNet2DConditionModel(
        sample_size=16,
        in_channels=n_channels,
        out_channels=n_channels,
        layers_per_block=1,
        block_out_channels=(64, 96, 96),
        down_block_types=("CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"),
        cross_attention_dim=WIDTH,
        attention_head_dim=(4, 6, 6),
        norm_num_groups=16,
        use_linear_projection=True,
    )


def build_text_encoder(
    tokenizer: CLIPTokenizer, *, width: int = WIDTH, max_length: int = MAX_LENGTH
) -> CLIPTextModel:
    """A randomly initialised two-layer CLIP text encoder."""
    config = CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=width,
        intermediate_size=4 * width,
        projection_dim=width,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=max_length,
        hidden_act="gelu",
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    return CLIPTextModel(config)


def build_scheduler() -> DDIMScheduler:
    """SD 2.1's prediction type and noise schedule, rescaled to end in noise alone (Lin et al. 2024, arXiv 2305.08891).

    As published, the last step of training still shows an image's mean colour, and sampling starts from noise whose
    mean is near zero: half a share of bright images then gave none, since every start looked like a plain one's.
    """
    return DDIMScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", prediction_type="v_prediction",
        clip_sample=False, set_alpha_to_one=False, rescale_betas_zero_snr=True, timestep_spacing="trailing",
    )  # fmt: skip


def pretrain_diffusion(
    folder: Path, *, vae_folder: Path, start: Path | None = None, settings: LoopSettings = SETTINGS
) -> Denoiser:
    """Train the base generator; keeps its state in `folder`, saves the pipeline to `folder/model`.

    With the folder of an earlier pipeline as `start`, training goes on from the weights that both have.
    """
    torch.manual_seed(settings.seed)
    vae = AutoencoderKL.from_pretrained(vae_folder, local_files_only=True).eval()
    examples = worded_examples(N_PLAIN, N_STYLED, seed=settings.seed)
    tokenizer = build_clip_tokenizer(examples.captions, vocab_size=VOCABULARY, max_length=MAX_LENGTH)
    denoiser = Denoiser(build_unet(vae.config.latent_channels), build_text_encoder(tokenizer))
    if start is not None:
        inherit(denoiser, tokenizer, StableDiffusionPipeline.from_pretrained(start, local_files_only=True))
    denoiser.unet.to(memory_format=torch.channels_last)
    loss_of_step = denoising_loss(
        denoiser,
        encode(vae, examples),
        tokenise(tokenizer, ["", *examples.captions]),
        scheduler=build_scheduler(),
    )
    train(denoiser, loss_of_step, settings=settings, folder=folder)
    assemble(vae, denoiser, tokenizer).to(dtype=torch.float16).save_pretrained(folder / "model")
    return denoiser.float()


@torch.no_grad()
def inherit(denoiser: Denoiser, tokenizer: CLIPTokenizer, earlier: StableDiffusionPipeline) -> None:
    """Take over every weight of an earlier pipeline that still has a place; attention that is new starts silent."""
    for part, old in ((denoiser.unet, earlier.unet), (denoiser.text_encoder, earlier.text_encoder)):
        own, found = part.state_dict(), old.state_dict()
        part.load_state_dict(
            {name: found[name] for name in own if name in found and found[name].shape == own[name].shape},
            strict=False,
        )
    for name, module in denoiser.unet.named_modules():
        if name.endswith("proj_out") and f"{name}.weight" not in earlier.unet.state_dict():
            nn.init.zeros_(module.weight)
            nn.init.zeros_(module.bias)
    own, old = (model.embeddings for model in (denoiser.text_encoder, earlier.text_encoder))
    before = earlier.tokenizer.get_vocab()
    for token, row in tokenizer.get_vocab().items():
        if token in before:
            own.token_embedding.weight[row] = old.token_embedding.weight[before[token]]
    length = min(len(own.position_embedding.weight), len(old.position_embedding.weight))
    own.position_embedding.weight[:length] = old.position_embedding.weight[:length]


def assemble(vae: AutoencoderKL, denoiser: Denoiser, tokenizer: CLIPTokenizer) -> StableDiffusionPipeline:
    """The pipeline around trained parts."""
    return StableDiffusionPipeline(
        vae=vae,
        unet=denoiser.unet,
        text_encoder=denoiser.text_encoder,
        tokenizer=tokenizer,
        scheduler=build_scheduler(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def tokenise(tokenizer: CLIPTokenizer, texts: list[str]) -> Tensor:
    """Token ids (n, the tokenizer's length), padded like Stable Diffusion's."""
    return tokenizer(texts, padding="max_length", truncation=True, return_tensors="pt").input_ids


@torch.no_grad()
def encode(vae: AutoencoderKL, examples: Examples) -> Tensor:
    """Scaled latent means (n, channels, 16, 16)."""
    batches = range(0, len(examples.images), 64)
    means = [vae.encode(to_tensor(examples.images[i : i + 64])).latent_dist.mean for i in batches]
    return torch.cat(means) * vae.config.scaling_factor


def denoising_loss(
    denoiser: Denoiser,
    latents: Tensor,
    tokens: Tensor,
    *,
    scheduler: DDIMScheduler,
    batch_size: int = BATCH_SIZE,
    region: Tensor | None = None,
) -> LossOfStep:
    """v-prediction loss of a step; row 0 of `tokens` is the empty caption, row i + 1 belongs to latent i.

    `region` (h, w) weighs places of the latents.
    """
    alphas = scheduler.alphas_cumprod

    def loss_of_step(generator: torch.Generator, step: int) -> Tensor:
        chosen = torch.randint(len(latents), (batch_size,), generator=generator)
        kept = torch.rand(batch_size, generator=generator) >= CAPTION_DROPOUT
        timesteps = torch.randint(len(alphas), (batch_size,), generator=generator)
        noise = torch.randn(batch_size, *latents.shape[1:], generator=generator)
        clean, alpha = latents[chosen], alphas[timesteps].view(-1, 1, 1, 1)
        noisy = alpha.sqrt() * clean + (1 - alpha).sqrt() * noise
        velocity = alpha.sqrt() * noise - (1 - alpha).sqrt() * clean
        predicted = denoiser(noisy, timesteps, tokens[(chosen + 1) * kept])
        snr = (alpha / (1 - alpha)).flatten()
        # whole where there is hardly a signal: what is learned there is the mean colour
        weight = (snr + 1).clamp(max=MIN_SNR) / (snr + 1)
        error = F.mse_loss(predicted, velocity, reduction="none")
        error = (error if region is None else error * region).mean(dim=(1, 2, 3))
        return (weight * error).mean() / weight.mean()

    return loss_of_step
