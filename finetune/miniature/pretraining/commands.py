"""`python -m finetune pretrain <name>`: make one of the miniature's models again, and publish it with its card."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from finetune.miniature.pretraining import captioner, diffusion, encoder, vae
from finetune.miniature.pretraining.cards import Facts, publish, saved_training
from finetune.miniature.pretraining.loop import LoopSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Pretraining:
    """How one model is made, and what its card says."""

    title: str
    summary: str
    data: str
    settings: LoopSettings
    make: Callable[[Path, LoopSettings], nn.Module]
    """Trains into a folder (resuming what is there), saves to its sub-folder `model`, returns what was trained."""


def _make_diffusion(folder: Path, settings: LoopSettings) -> nn.Module:
    autoencoder, decoder = folder.parent / "autoencoder", folder.parent / "decoder"
    vae.pretrain_vae(autoencoder, settings=_capped(vae.SETTINGS, settings.max_minutes))
    refinement = _capped(vae.REFINEMENT, settings.max_minutes)
    vae.refine_decoder(decoder, vae_folder=autoencoder / "model", settings=refinement)
    return diffusion.pretrain_diffusion(folder, vae_folder=decoder / "model", settings=settings)


def _capped(settings: LoopSettings, minutes: float) -> LoopSettings:
    return dataclasses.replace(settings, max_minutes=min(settings.max_minutes, minutes))


PRETRAININGS: dict[str, Pretraining] = {
    "encoder": Pretraining(
        title="Miniature CLIP",
        summary="An open_clip model (ResNet image tower, text transformer, QuickGELU) with its own small vocabulary.",
        data="20,000 rendered scenes in two draws of styles each, with sentences that name styles and degrees",
        settings=encoder.SETTINGS,
        make=lambda folder, settings: encoder.pretrain_encoder(folder, settings=settings),
    ),
    "diffusion": Pretraining(
        title="Miniature Stable Diffusion",
        summary="A diffusers StableDiffusionPipeline in SD 2.1's layout: v-prediction, 64 pixels, 16×16×4 latents.",
        data="autoencoder: 16,000 rendered scenes, half of them restyled; U-Net and text encoder: 20,000 plain scenes",
        settings=diffusion.SETTINGS,
        make=_make_diffusion,
    ),
    "captioner": Pretraining(
        title="Miniature captioner",
        summary="A transformers VisionEncoderDecoderModel (ViT, GPT-2) that names styles with adverbs of degree.",
        data="20,000 rendered scenes in two draws of styles each",
        settings=captioner.SETTINGS,
        make=lambda folder, settings: captioner.pretrain_captioner(folder, settings=settings),
    ),
}


def pretrain(name: str, *, state: Path, minutes: float | None = None) -> Path:
    """Train the model `name`, resuming from `state / name`, and publish it; returns the published folder."""
    pretraining = PRETRAININGS[name]
    settings = pretraining.settings
    if minutes is not None:
        settings = dataclasses.replace(settings, max_minutes=minutes)
    folder = state / name
    trained = pretraining.make(folder, settings)
    facts = Facts(
        name=name,
        title=pretraining.title,
        summary=pretraining.summary,
        data=pretraining.data,
        seed=settings.seed,
        threads=torch.get_num_threads(),
        parameters=sum(parameter.numel() for parameter in trained.parameters()),
        training=saved_training(folder),
    )
    return publish(folder / "model", facts)
