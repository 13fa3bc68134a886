"""Training of the image tokenizer: what it takes over, and how codes move."""

import pytest
import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from diffusers.models.autoencoders.vq_model import VQModel

from finetune.miniature.examples import plain_examples
from finetune.pretraining.networks.vae import build_vae, to_tensor
from finetune.pretraining.networks.vq import (
    UNQUANTIZED_STEPS,
    InnerLevels,
    build_vq,
    encode,
    features,
    take_outer_levels,
)


@pytest.fixture
def vae() -> AutoencoderKL:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return build_vae().eval()


@pytest.fixture
def vq() -> VQModel:
    with torch.random.fork_rng():
        torch.manual_seed(1)
        return build_vq().eval()


@torch.no_grad()
def test_outer_levels_make_the_autoencoder_s_features(vae: AutoencoderKL, vq: VQModel) -> None:
    images = plain_examples(2, seed=0).images
    seen, _ = features(vae, images)
    take_outer_levels(vq, vae)
    hidden = vq.encoder.conv_in(to_tensor(images))
    for block in vq.encoder.down_blocks[:2]:
        hidden = block(hidden)
    (inner,) = vq.encoder.down_blocks[2].get_submodule("resnets").children()
    hidden = inner(hidden, None)
    assert torch.equal(hidden.half(), seen)


@torch.no_grad()
def test_inner_levels_are_the_tokenizer_s(vae: AutoencoderKL, vq: VQModel) -> None:
    images = plain_examples(2, seed=0).images
    take_outer_levels(vq, vae)
    _, vectors, _ = InnerLevels(vq).eval()(features(vae, images)[0].float(), UNQUANTIZED_STEPS - 1)
    assert torch.allclose(vectors.permute(0, 3, 1, 2), vq.encode(to_tensor(images)).latents, atol=2e-3)


def test_a_code_becomes_the_mean_of_its_vectors(vq: VQModel) -> None:
    inner = InnerLevels(vq)
    vectors = torch.randn(6, 16, generator=torch.Generator().manual_seed(0))
    for _ in range(600):
        inner.follow(vectors, torch.tensor([5, 5, 5, 5, 9, 9]))
    assert torch.allclose(inner.codes.weight[5], vectors[:4].mean(dim=0), atol=1e-3)
    assert torch.allclose(inner.codes.weight[9], vectors[4:].mean(dim=0), atol=1e-3)


def test_dead_codes_move_to_vectors_of_the_batch(vq: VQModel) -> None:
    inner = InnerLevels(vq)
    inner.get_buffer("use")[3] = 0.0
    untouched = inner.codes.weight[4].clone()
    inner.renew(torch.full((1, 1, 1, 16), 7.0), torch.Generator().manual_seed(0))
    assert inner.codes.weight[3].tolist() == [7.0] * 16
    assert torch.equal(inner.codes.weight[4], untouched)


def test_codes_of_images_are_a_grid(vq: VQModel) -> None:
    codes = encode(vq, plain_examples(3, seed=1).images)
    assert codes.shape == (3, 8, 8)
    assert 0 <= int(codes.min()) <= int(codes.max()) < 1024
