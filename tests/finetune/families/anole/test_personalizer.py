from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from anole_sizes import N_CODES
from diffusers.models.autoencoders.vq_model import VQModel
from torch.nn.functional import l1_loss

from finetune.families.anole.images import encoded, unit_range, vectors_to_images
from finetune.families.anole.personalizer import (
    DetokenizerPersonalizer,
    TokenStream,
    image_loss,
    token_stream,
)
from finetune.mixing import TrainingImages
from finetune.recipe import Recipe
from finetune.training.trajectory import Run, TrainingSettings, load_step, train_trajectory
from finexl.errors import InvalidInputError

Recipes = Callable[..., Recipe]


@pytest.fixture
def training() -> TrainingImages:
    images = np.random.default_rng(1).integers(0, 256, (6, 8, 8, 3), dtype=np.uint8)
    return TrainingImages(images=images, captions=("x",) * 6, sources=("light",) * 6, contents=255 - images)


@pytest.fixture
def personalizer(vq: VQModel) -> DetokenizerPersonalizer:
    return DetokenizerPersonalizer(vq, learning_rate=1e-3)


def test_an_untrained_detokenizer_is_the_base_generator_s(
    vq: VQModel, personalizer: DetokenizerPersonalizer
) -> None:
    codes = torch.arange(N_CODES)[:8].view(1, 2, 4)
    assert torch.allclose(personalizer.decoded(codes), vectors_to_images(vq, codes), atol=1e-6)


def test_only_the_detokenizer_is_learned(vq: VQModel, personalizer: DetokenizerPersonalizer) -> None:
    names = {name for name in vq.state_dict() if name.split(".")[0] in ("post_quant_conv", "decoder")}
    assert personalizer.learned().keys() == names
    assert all(tensor.requires_grad for tensor in personalizer.learned().values())


def test_training_moves_the_detokenizer_and_nothing_else(
    vq: VQModel,
    personalizer: DetokenizerPersonalizer,
    training: TrainingImages,
    recipe: Recipes,
    tmp_path: Path,
) -> None:
    before = {name: tensor.clone() for name, tensor in vq.state_dict().items()}
    codebook = personalizer.get_buffer("codebook").clone()
    stream = token_stream(vq, training, recipe())
    train_trajectory(recipe(), personalizer, stream, run=Run(folder=tmp_path, settings=TrainingSettings()))
    assert all(torch.equal(vq.state_dict()[name], tensor) for name, tensor in before.items())
    assert torch.equal(personalizer.get_buffer("codebook"), codebook)
    moved = load_step(tmp_path, 2)
    assert moved.keys() == personalizer.learned().keys()
    assert not torch.equal(moved["decoder.conv_out.weight"], before["decoder.conv_out.weight"].half())


def test_contents_go_in_and_stylised_images_are_wanted(
    vq: VQModel, training: TrainingImages, recipe: Recipes
) -> None:
    assert training.contents is not None
    stream = token_stream(vq, training, recipe())
    assert torch.equal(stream.codes, encoded(vq, training.contents))
    assert torch.equal(stream.images, torch.from_numpy(training.images).permute(0, 3, 1, 2))


def test_without_contents_images_go_in_themselves(
    vq: VQModel, training: TrainingImages, recipe: Recipes
) -> None:
    stream = token_stream(vq, replace(training, contents=None), recipe())
    assert torch.equal(stream.codes, encoded(vq, training.images))


def test_a_batch_depends_on_seed_and_step_alone(
    vq: VQModel, training: TrainingImages, recipe: Recipes
) -> None:
    stream = token_stream(vq, training, recipe())
    (_, _, third), (again,) = list(stream.between(0, 3)), list(stream.between(2, 3))
    assert torch.equal(third.codes, again.codes)
    assert torch.equal(third.images, again.images)


def test_parts_of_a_batch_are_the_batch(vq: VQModel, training: TrainingImages, recipe: Recipes) -> None:
    (whole,) = token_stream(vq, training, recipe()).between(1, 2)
    parts = token_stream(vq, training, recipe(), chunks=2).between(1, 2)
    assert len(parts) == 2
    assert torch.equal(torch.cat([part.codes for part in parts]), whole.codes)


def test_a_batch_that_does_not_split_is_refused() -> None:
    tensors = torch.zeros(4, 2, 2, dtype=torch.long), torch.zeros(4, 3, 8, 8, dtype=torch.uint8)
    with pytest.raises(InvalidInputError, match="Got 3 and 2"):
        TokenStream(codes=tensors[0], images=tensors[1], batch_size=3, seed=0, chunks=2)


def test_recomputed_activations_give_the_same_gradient(
    vq: VQModel, training: TrainingImages, recipe: Recipes
) -> None:
    (batch,) = token_stream(vq, training, recipe()).between(0, 1)
    gradients = []
    for checkpointing in (False, True):
        module = DetokenizerPersonalizer(vq, learning_rate=1e-3, gradient_checkpointing=checkpointing)
        module.training_step(batch, 0).backward()
        gradients.append([tensor.grad for tensor in module.learned().values()])
    for plain, recomputed in zip(*gradients, strict=True):
        assert plain is not None
        assert recomputed is not None
        assert torch.allclose(plain, recomputed, atol=1e-6)


def test_a_uniform_error_costs_its_size() -> None:
    images = torch.zeros(2, 3, 4, 4)
    assert image_loss(images + 0.5, images).item() == pytest.approx(0.5)


def test_edges_cost_extra() -> None:
    wanted, edge = torch.zeros(1, 3, 2, 2), torch.tensor([0.0, 1.0]).expand(1, 3, 2, 2)
    assert image_loss(edge, wanted).item() == pytest.approx(float(l1_loss(edge, wanted)) + 0.5)


def test_pixels_are_scaled_to_the_unit_range() -> None:
    pixels = torch.tensor([0, 255], dtype=torch.uint8).view(1, 1, 1, 2).expand(1, 3, 1, 2)
    assert unit_range(pixels).unique().tolist() == [-1.0, 1.0]
