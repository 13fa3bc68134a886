"""Random Stable Diffusion pipelines in the real layouts, with few weights, and a corpus to match."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import StableDiffusionPipeline
from diffusers.schedulers.scheduling_ddim import DDIMScheduler
from diffusers.schedulers.scheduling_pndm import PNDMScheduler
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from finetune.families.diffusion.examples import Examples
from finetune.families.diffusion.personalizer import encode_examples, load_pipeline
from finetune.generator import GeneratorSettings
from finetune.miniature.tokenizer import build_clip_tokenizer
from finetune.mixing import TrainingImages
from finetune.recipe import Mixture, Recipe
from finetune.store.store import Store
from finetune.workshop import Workshop

sys.path.insert(0, str(Path(__file__).parent))  # helpers that worker processes import too

PROMPTS = ("a red house in a field", "a blue fish at night", "a green star in the sky")
SD_NOISE = {
    "num_train_timesteps": 1000,
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "steps_offset": 1,
    "set_alpha_to_one": False,
}


@pytest.fixture(scope="session")
def sd21(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """SD 2.1 (768 px): OpenCLIP text encoder, linear projections, upcast attention, velocity, DDIM."""
    scheduler = DDIMScheduler(prediction_type="v_prediction", clip_sample=False, **SD_NOISE)
    unet = _unet(attention_head_dim=[2, 4], use_linear_projection=True, upcast_attention=True)
    text = {"hidden_act": "gelu", "projection_dim": 24}
    return _saved(tmp_path_factory.mktemp("sd21"), unet=unet, scheduler=scheduler, text=text)


@pytest.fixture(scope="session")
def sd15(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """SD 1.5: CLIP-L text encoder, noise prediction, PNDM."""
    scheduler = PNDMScheduler(skip_prk_steps=True, **SD_NOISE)
    text = {"hidden_act": "quick_gelu", "projection_dim": 32}
    return _saved(
        tmp_path_factory.mktemp("sd15"), unet=_unet(attention_head_dim=2), scheduler=scheduler, text=text
    )


@pytest.fixture(params=["sd21", "sd15"])
def folder(request: pytest.FixtureRequest) -> Path:
    return request.getfixturevalue(request.param)


@pytest.fixture
def pipeline(folder: Path) -> StableDiffusionPipeline:
    return load_pipeline(folder)


@dataclass(frozen=True)
class TinyCorpus:
    """Aspects are brightnesses; images are 8 px."""

    id: str = "tiny"
    aspects: tuple[str, ...] = ("light", "dark")

    def images(self, aspect: str, n: int, seed: int) -> tuple[np.ndarray, tuple[str, ...]]:
        rng = np.random.default_rng((seed, len(aspect)))
        low = 128 * (aspect == "light")
        pixels = rng.integers(low, low + 128, (n, 8, 8, 3), dtype=np.uint8)
        return pixels, tuple(PROMPTS[index % 3] for index in range(n))

    def prompts(self, n: int, seed: int) -> tuple[str, ...]:
        return tuple(PROMPTS[(seed + index) % 3] for index in range(n))


@pytest.fixture
def corpus() -> TinyCorpus:
    return TinyCorpus()


@pytest.fixture
def recipe() -> Callable[..., Recipe]:
    """A recipe with some values replaced."""

    def build(**changes: Any) -> Recipe:
        values: dict[str, Any] = {
            "generator": "g" * 32,
            "corpus": "tiny",
            "aspects": ("light", "dark"),
            "mixture": Mixture(parts=(1, 1), whole=2),
            "n_images": 8,
            "learning_rate": 1e-3,
            "batch_size": 4,
            "steps": (1, 2),
            "seed": 5,
        }
        return Recipe(**(values | changes))

    return build


@pytest.fixture
def training(corpus: TinyCorpus) -> TrainingImages:
    images, captions = corpus.images("light", 6, 0)
    return TrainingImages(images=images, captions=captions, sources=("light",) * 6)


@pytest.fixture
def examples(pipeline: StableDiffusionPipeline, training: TrainingImages) -> Examples:
    return encode_examples(pipeline, training)


@pytest.fixture
def workshop(sd21: Path, tmp_path: Path, corpus: TinyCorpus) -> Workshop:
    settings = GeneratorSettings(folder=sd21, n_sampling_steps=2, batch_size=4)
    return Workshop(store=Store(tmp_path / "store"), generator=settings, corpus=corpus)


def _unet(**layout: Any) -> UNet2DConditionModel:
    torch.manual_seed(0)
    return UNet2DConditionModel(
        sample_size=4,
        block_out_channels=(8, 16),
        layers_per_block=1,
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
        cross_attention_dim=32,
        norm_num_groups=4,
        **layout,
    )


def _saved(folder: Path, *, unet: UNet2DConditionModel, scheduler: Any, text: dict[str, Any]) -> Path:
    tokenizer = build_clip_tokenizer(PROMPTS, vocab_size=560, max_length=12)
    pipeline = StableDiffusionPipeline(
        vae=_vae(),
        text_encoder=_text_encoder(tokenizer, text),
        tokenizer=tokenizer,
        unet=unet,
        scheduler=scheduler,
        safety_checker=None,  # pyright: ignore[reportArgumentType]  # optional in fact
        feature_extractor=None,  # pyright: ignore[reportArgumentType]  # optional in fact
        requires_safety_checker=False,
    )
    pipeline.save_pretrained(folder)
    _use_published_vocabulary(folder / "tokenizer")
    return folder


def _use_published_vocabulary(folder: Path) -> None:
    """Stable Diffusion was published with `vocab.json` and `merges.txt`, not `tokenizer.json`."""
    model = json.loads((folder / "tokenizer.json").read_text())["model"]
    (folder / "vocab.json").write_text(json.dumps(model["vocab"]))
    (folder / "merges.txt").write_text(
        "\n".join(["#version: 0.2", *(" ".join(pair) for pair in model["merges"]), ""])
    )
    (folder / "tokenizer.json").unlink()


def _vae() -> AutoencoderKL:
    torch.manual_seed(1)
    layout: dict[str, Any] = {
        "latent_channels": 4,
        "block_out_channels": (8, 16),
        "down_block_types": ("DownEncoderBlock2D", "DownEncoderBlock2D"),
        "up_block_types": ("UpDecoderBlock2D", "UpDecoderBlock2D"),
        "norm_num_groups": 4,
        "sample_size": 8,
    }
    return AutoencoderKL(**layout)


def _text_encoder(tokenizer: CLIPTokenizer, text: dict[str, Any]) -> CLIPTextModel:
    torch.manual_seed(2)
    layout: dict[str, Any] = {
        "vocab_size": len(tokenizer),
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "max_position_embeddings": 12,
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }
    return CLIPTextModel(CLIPTextConfig(**layout, **text))
