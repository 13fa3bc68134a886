"""Batches are functions of seed and step."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from finetune.families.controlgan.family import open_family
from finetune.families.controlgan.stream import ControlStream, to_pixels
from finetune.generator import GeneratorSettings
from finetune.mixing import TrainingImages
from finetune.recipe import Recipe
from finexl.errors import InvalidInputError

Open = Callable[..., ControlStream]


@pytest.fixture
def streamed(folder: Path, training: TrainingImages, recipe: Recipe) -> Open:
    family = open_family(GeneratorSettings(folder=folder, family="controlgan"))
    return lambda **changes: family.stream(training, dataclasses.replace(recipe, **changes))


def test_a_later_start_gives_the_same_batches(streamed: Open) -> None:
    whole, rest = list(streamed().between(0, 4)), list(streamed().between(2, 4))
    assert len(streamed().between(2, 4)) == len(rest) == 2
    for one, other in zip(whole[2:], rest, strict=True):
        assert torch.equal(one.images, other.images) and torch.equal(one.chance.noise, other.chance.noise)


def test_every_image_comes_once_per_pass(streamed: Open, training: TrainingImages) -> None:
    shown = torch.cat([batch.images for batch in streamed().between(0, 3)])  # 12 of 6 images
    for image in to_pixels(training.images):
        assert sum(torch.equal(image, one) for one in shown) == 2


def test_equal_captions_are_marked(streamed: Open) -> None:
    batch = streamed(batch_size=6).batch(0)
    assert batch.same.sum(dim=1).tolist() == [1] * 6


def test_another_seed_gives_other_noise(streamed: Open) -> None:
    assert not torch.equal(streamed().batch(0).chance.noise, streamed(seed=3).batch(0).chance.noise)


def test_images_of_another_size_are_an_error(folder: Path, training: TrainingImages, recipe: Recipe) -> None:
    family = open_family(GeneratorSettings(folder=folder, family="controlgan"))
    small = dataclasses.replace(training, images=np.ascontiguousarray(training.images[:, ::2, ::2]))
    with pytest.raises(InvalidInputError, match="64×64"):
        family.stream(small, recipe)


def test_a_batch_of_one_is_an_error(streamed: Open) -> None:
    with pytest.raises(InvalidInputError, match="at least 2"):
        streamed(batch_size=1)
