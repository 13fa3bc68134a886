"""`python -m finetune pretrain <name>`: make one of the miniature's models again, and publish it with its card."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from finetune.pretraining.cards import Facts, publish, saved_training
from finetune.pretraining.controlgan import model as controlgan
from finetune.pretraining.loop import LoopSettings
from finetune.pretraining.networks import (
    anole,
    captioner,
    diffusion,
    encoder,
    encoders,
    portraits,
    vae,
    versions,
    vq,
)
from finetune.studies import captioner_quality
from finexl.encoders.cache import CachedEncoder
from finexl.errors import InvalidInputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Pretraining:
    """How one model is made, and what its card says."""

    title: str
    summary: str
    data: str
    settings: LoopSettings
    make: Callable[[Path, LoopSettings], nn.Module]
    """Trains into a folder (resuming what is there), saves to its sub-folder `model`, returns what was trained."""
    measure: Callable[[Path], str] = lambda _: ""
    """What was found of the saved model on held-out data, as a paragraph of the card."""


def _make_diffusion(folder: Path, settings: LoopSettings) -> nn.Module:
    autoencoder, decoder = folder.parent / "autoencoder", folder.parent / "decoder"
    vae.pretrain_vae(autoencoder, settings=_capped(vae.SETTINGS, settings.max_minutes))
    refinement = _capped(vae.REFINEMENT, settings.max_minutes)
    vae.refine_decoder(decoder, vae_folder=autoencoder / "model", settings=refinement)
    return diffusion.pretrain_diffusion(folder, vae_folder=decoder / "model", settings=settings)


def _make_portraits(folder: Path, settings: LoopSettings) -> nn.Module:
    autoencoder = folder.parent / "portraits_autoencoder"
    portraits.pretrain_autoencoder(autoencoder, settings=_capped(portraits.AUTOENCODER, settings.max_minutes))
    return portraits.pretrain_portraits(folder, vae_folder=autoencoder / "model", settings=settings)


def _make_anole(folder: Path, settings: LoopSettings) -> nn.Module:
    codes, detokenizer = folder.parent / "image_codes", folder.parent / "detokenizer"
    vq.pretrain_vq(codes, settings=_capped(vq.SETTINGS, settings.max_minutes))
    refinement = _capped(vq.REFINEMENT, settings.max_minutes)
    tokenizer = vq.refine_detokenizer(detokenizer, vq_folder=codes / "model", settings=refinement)
    model = anole.pretrain_language_model(folder, vq_folder=detokenizer / "model", settings=settings)
    return nn.ModuleList([tokenizer, model])


def _encoder_figures(library: str) -> Callable[[Path], str]:
    def said(folder: Path) -> str:
        from finetune.studies.encoder_figures import encoder_figures
        from finetune.studies.loading import read_encoder

        found = encoder_figures(CachedEncoder(read_encoder(folder, library=library)))
        return (
            f"{encoders.BATCH_SIZE} images a step. On renderings that it has not "
            f"seen: own caption nearest of all {found.captions:.1%} (chance {found.captions_chance:.1%}), own name "
            f"nearest of all styles' names at full strength {found.names:.1%} (chance {found.names_chance:.1%})."
        )

    return said


def _capped(settings: LoopSettings, minutes: float) -> LoopSettings:
    return dataclasses.replace(settings, max_minutes=min(settings.max_minutes, minutes))


_ENCODERS_DATA = (
    "12,000 rendered scenes, and new faces at every step, in four looks each, half of the scenes in styles that look "
    "alike, with sentences that name styles and degrees"
)

PRETRAININGS: dict[str, Pretraining] = {
    "encoder": Pretraining(
        title="Miniature CLIP",
        summary="An open_clip model (ResNet image tower, text transformer, QuickGELU) with its own small vocabulary.",
        data="24,000 rendered scenes, and new faces at every step, in four looks each, half of the scenes in styles "
        "that look alike, with sentences that name styles and degrees",
        settings=encoder.SETTINGS,
        make=lambda folder, settings: encoder.pretrain_encoder(folder, settings=settings),
    ),
    "encoder_vit": Pretraining(
        title="Miniature CLIP with a vision transformer",
        summary="An open_clip model (ViT of patches of 8 pixels, text transformer, plain GELU), small.",
        data=_ENCODERS_DATA,
        settings=encoders.SETTINGS,
        make=lambda folder, settings: encoders.pretrain_vit(folder, settings=settings),
        measure=_encoder_figures("open_clip"),
    ),
    "encoder_eva": Pretraining(
        title="Miniature EVA-CLIP",
        summary="An open_clip CustomTextCLIP with timm's EVA-02 tower as EVA-CLIP has it, small.",
        data=_ENCODERS_DATA,
        settings=encoders.SETTINGS,
        make=lambda folder, settings: encoders.pretrain_eva(folder, settings=settings),
        measure=_encoder_figures("open_clip"),
    ),
    "encoder_align": Pretraining(
        title="Miniature ALIGN",
        summary="A transformers AlignModel (EfficientNet, BERT) with word pieces of its own, small.",
        data=_ENCODERS_DATA,
        settings=encoders.SETTINGS,
        make=lambda folder, settings: encoders.pretrain_align(folder, settings=settings),
        measure=_encoder_figures("transformers"),
    ),
    "diffusion": Pretraining(
        title="Miniature Stable Diffusion",
        summary="A diffusers StableDiffusionPipeline in SD 2.1's layout: v-prediction, 64 pixels, 16×16×8 latents.",
        data="autoencoder: 16,000 rendered scenes, half of them restyled; U-Net and text encoder: 18,000 plain scenes "
        "and 18,000 in a style that the caption names",
        settings=diffusion.SETTINGS,
        make=_make_diffusion,
    ),
    "captioner": Pretraining(
        title="Miniature captioner",
        summary="A transformers VisionEncoderDecoderModel (ViT, GPT-2) that names styles with adverbs of degree.",
        data="20,000 rendered scenes in two draws of styles and 5,000 faces in two of features",
        settings=captioner.SETTINGS,
        make=lambda folder, settings: captioner.pretrain_captioner(folder, settings=settings),
        measure=lambda folder: captioner_quality.measured(folder).told(),
    ),
    "captioner_medium": Pretraining(
        title="Miniature captioner of medium size",
        summary="The captioner with a sixth of the parameters: width 48, three image layers and one text layer, "
        "patches of 16 pixels.",
        data="20,000 rendered scenes in two draws of styles and 5,000 faces in two of features",
        settings=captioner.MEDIUM_SETTINGS,
        make=lambda folder, settings: captioner.pretrain_captioner(
            folder, size=captioner.MEDIUM, settings=settings
        ),
        measure=lambda folder: captioner_quality.measured(folder).told(),
    ),
    "captioner_small": Pretraining(
        title="Small miniature captioner",
        summary="The captioner with a twelfth of the parameters: width 32, two image layers and one text layer, "
        "patches of 16 pixels.",
        data="20,000 rendered scenes in two draws of styles and 5,000 faces in two of features",
        settings=captioner.SMALL_SETTINGS,
        make=lambda folder, settings: captioner.pretrain_captioner(
            folder, size=captioner.SMALL, settings=settings
        ),
        measure=lambda folder: captioner_quality.measured(folder).told(),
    ),
    "controlgan": Pretraining(
        title="Miniature ControlGAN",
        summary="The full ControlGAN at 16, 32 and 64 pixels, with its encoders and discriminators.",
        data="16,000 plain rendered scenes, each with its caption in two forms",
        settings=controlgan.SETTINGS,
        make=lambda folder, settings: controlgan.pretrain_controlgan(folder, settings=settings),
    ),
    "anole": Pretraining(
        title="Miniature Anole",
        summary="A diffusers VQModel (64 pixels, 8×8 tokens) and a transformers Llama that writes its tokens.",
        data="image tokenizer: 16,000 plain rendered scenes; language model: 24,000 with their captions",
        settings=anole.SETTINGS,
        make=_make_anole,
    ),
    "portraits": Pretraining(
        title="Miniature generator of portraits",
        summary="A small diffusers StableDiffusionPipeline for faces, with edit directions of four features.",
        data="8,000 rendered faces with captions, a quarter of which name one feature only",
        settings=portraits.SETTINGS,
        make=_make_portraits,
    ),
    "versions": Pretraining(
        title="Versions of the miniature Stable Diffusion",
        summary="LoRA adapters of the miniature diffusion pipeline (diffusers' layout), one for each other version.",
        data="3,000 rendered scenes, tilted to vivid and contrasty as `finetune/miniature/versions.py` says",
        settings=versions.SETTINGS,
        make=lambda folder, settings: versions.pretrain_versions(folder, settings=settings),
    ),
}


def _notes(pretraining: Pretraining, model: Path, *, minutes: float | None, is_started: bool) -> str:
    notes = [
        _STARTED if is_started else "",
        "" if minutes is None else f"Run with `--minutes {minutes:g}`.",
        pretraining.measure(model),
    ]
    return "\n\n".join(note for note in notes if note)


_STARTED = "Training started from the weights of an earlier pipeline (`--start`), whose autoencoder was kept."


def pretrain(name: str, *, state: Path, minutes: float | None = None, start: Path | None = None) -> Path:
    """Train the model `name`, resuming from `state / name`, and publish it; returns the published folder.

    `start` is an earlier pipeline's folder: the diffusion model then goes on from what both have.
    """
    if start is not None and name != "diffusion":
        raise InvalidInputError(
            f"`start` is for the diffusion model; every other one is trained from scratch. Got {name!r}."
        )
    pretraining = PRETRAININGS[name]
    settings = pretraining.settings
    if minutes is not None:
        settings = dataclasses.replace(settings, max_minutes=minutes)
    folder = state / name
    if start is None:
        trained = pretraining.make(folder, settings)
    else:
        trained = diffusion.pretrain_diffusion(
            folder, vae_folder=start / "vae", start=start, settings=settings
        )
    facts = Facts(
        name=name,
        title=pretraining.title,
        summary=pretraining.summary,
        data=pretraining.data,
        seed=settings.seed,
        threads=torch.get_num_threads(),
        parameters=sum(parameter.numel() for parameter in trained.parameters()),
        training=saved_training(folder),
        notes=_notes(pretraining, folder / "model", minutes=minutes, is_started=start is not None),
    )
    return publish(folder / "model", facts)
