"""Stable Diffusion 3.5 is loaded from its published layout, and draws the same for the same seed."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from diffusers.models.transformers.transformer_sd3 import SD3Transformer2DModel
from diffusers.pipelines.stable_diffusion_3.pipeline_stable_diffusion_3 import StableDiffusion3Pipeline
from diffusers.schedulers.scheduling_flow_match_euler_discrete import FlowMatchEulerDiscreteScheduler
from transformers import CLIPTextConfig, CLIPTextModelWithProjection, T5Config, T5EncoderModel, T5Tokenizer

from finetune.corpora.drawn import Painter
from finetune.corpora.stable_diffusion_3 import Brush, StableDiffusion3Painter
from finetune.generator import GeneratorError
from finetune.miniature.tokenizer import build_clip_tokenizer

BRUSH = Brush(n_steps=2)
PROMPTS = ["a vivid photo: a cat", "a dark photo: a dog"]


@pytest.fixture(scope="module")
def sd35(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random SD 3.5 with its three text encoders, dual attention and query-key norms, with few weights."""
    folder = tmp_path_factory.mktemp("sd35")
    with torch.random.fork_rng():
        torch.manual_seed(0)
        tokenizer = build_clip_tokenizer(PROMPTS, vocab_size=520, max_length=77)
        pieces = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -2.0)]
        pieces += [(letter, -3.0) for letter in "abcdefghijklmnopqrstuvwxyz:"]
        second = T5Tokenizer(vocab=pieces, extra_ids=0)
        transformer = SD3Transformer2DModel(
            sample_size=8, patch_size=1, in_channels=4, out_channels=4, num_layers=2, attention_head_dim=8,
            num_attention_heads=2, joint_attention_dim=32, caption_projection_dim=16, pooled_projection_dim=32,
            pos_embed_max_size=16, dual_attention_layers=(0,), qk_norm="rms_norm",
        )  # fmt: skip
        StableDiffusion3Pipeline(
            transformer=transformer,
            scheduler=FlowMatchEulerDiscreteScheduler(shift=3.0),
            vae=AutoencoderKL(
                block_out_channels=(8, 8), down_block_types=("DownEncoderBlock2D",) * 2,
                up_block_types=("UpDecoderBlock2D",) * 2, norm_num_groups=2, latent_channels=4, sample_size=16,
                use_quant_conv=False, use_post_quant_conv=False, shift_factor=0.0609, scaling_factor=1.5305,
            ),
            text_encoder=_clip(len(tokenizer)),
            tokenizer=tokenizer,
            text_encoder_2=_clip(len(tokenizer)),
            tokenizer_2=tokenizer,
            text_encoder_3=T5EncoderModel(
                T5Config(vocab_size=len(second), d_model=32, d_kv=8, d_ff=16, num_layers=1, num_heads=2)
            ),
            tokenizer_3=second,
        ).save_pretrained(folder)  # fmt: skip
    return folder


def _clip(vocab_size: int) -> CLIPTextModelWithProjection:
    return CLIPTextModelWithProjection(
        CLIPTextConfig(
            vocab_size=vocab_size, hidden_size=16, projection_dim=16, intermediate_size=16, num_hidden_layers=2,
            num_attention_heads=2, max_position_embeddings=77, eos_token_id=vocab_size - 1,
        )
    )  # fmt: skip


def test_it_draws_what_prompt_and_seed_say(sd35: Path) -> None:
    painter = StableDiffusion3Painter(sd35, brush=BRUSH)
    images = painter.sample([*PROMPTS, PROMPTS[0]], [1, 1, 2])
    assert isinstance(painter, Painter) and images.shape == (3, 16, 16, 3) and images.dtype == np.uint8
    assert np.array_equal(images[1], painter.sample([PROMPTS[1]], [1])[0])
    assert not np.array_equal(images[0], images[2]) and not np.array_equal(images[0], images[1])


def test_its_identity_is_its_weights_and_how_it_draws(sd35: Path) -> None:
    first, again, other = (StableDiffusion3Painter(sd35, brush=brush).id for brush in (None, Brush(), BRUSH))
    assert first == again != other


def test_files_that_are_not_loaded_do_not_count(sd35: Path) -> None:
    before = StableDiffusion3Painter(sd35).id
    (sd35 / "whole.safetensors").write_bytes(b"x")
    assert StableDiffusion3Painter(sd35).id == before


@pytest.mark.parametrize(
    "index",
    [
        None,
        [],
        {"_class_name": "StableDiffusionPipeline"},
        {"_class_name": "StableDiffusion3Pipeline", "transformer": ["pipeline", "Mine"]},
    ],
)
def test_other_folders_are_refused_before_anything_is_loaded(tmp_path: Path, index: object) -> None:
    if index is not None:
        (tmp_path / "model_index.json").write_text(json.dumps(index))
    with pytest.raises(GeneratorError, match=r"Stable Diffusion 3|StableDiffusion3Pipeline"):
        StableDiffusion3Painter(tmp_path)


def test_an_incomplete_folder_is_an_error(tmp_path: Path, sd35: Path) -> None:
    (tmp_path / "model_index.json").write_bytes((sd35 / "model_index.json").read_bytes())
    with pytest.raises(GeneratorError, match="complete Stable Diffusion 3 pipeline"):
        StableDiffusion3Painter(tmp_path).sample(PROMPTS[:1], [0])
