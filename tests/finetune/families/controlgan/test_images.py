"""An image is a function of weights, prompt and seed."""

from pathlib import Path

import numpy as np
import pytest
import torch

from finetune.families.controlgan.family import ControlFamily, open_family
from finetune.families.controlgan.images import ControlImages, drawn
from finetune.families.controlgan.layout import load_networks
from finetune.generator import GeneratorError, GeneratorSettings
from finexl.errors import InvalidInputError

PROMPTS = (
    "a red house in a field",
    "a blue fish at night",
    "a star",
    "a green star in the sky and a red ball",
)


@pytest.fixture
def family(folder: Path) -> ControlFamily:
    return open_family(GeneratorSettings(folder=folder, family="controlgan", batch_size=3))


@pytest.fixture
def images(family: ControlFamily) -> ControlImages:
    return family.generator()


def test_images_are_64_pixels(images: ControlImages) -> None:
    assert images.sample(PROMPTS, (0, 1, 2, 3)).shape == (4, 64, 64, 3)


def test_the_same_prompts_and_seeds_give_the_same_bytes(images: ControlImages) -> None:
    assert np.array_equal(images.sample(PROMPTS, (0, 1, 2, 3)), images.sample(PROMPTS, (0, 1, 2, 3)))


def test_an_image_does_not_depend_on_what_else_is_asked_for(images: ControlImages) -> None:
    together = images.sample(PROMPTS, (0, 1, 2, 3))
    assert np.array_equal(together[3:], images.sample(PROMPTS[3:], (3,)))
    assert np.array_equal(together[::-1], images.sample(PROMPTS[::-1], (3, 2, 1, 0)))


def test_another_seed_gives_another_image(images: ControlImages) -> None:
    first, second = images.sample(PROMPTS[:1] * 2, (0, 1))
    assert not np.array_equal(first, second)


def test_chance_is_a_function_of_the_seed(folder: Path) -> None:
    architecture = load_networks(folder).networks.architecture
    alone, among = drawn(architecture, [4]), drawn(architecture, [3, 4])
    assert torch.equal(alone.noise[0], among.noise[1])
    assert torch.equal(alone.condition_noise[0], among.condition_noise[1])


def test_unknown_words_change_nothing(images: ControlImages) -> None:
    plain, styled = images.sample(("a red house", "a quux red house"), (1, 1))
    assert np.array_equal(plain, styled)


def test_weights_that_are_not_finite_are_an_error(family: ControlFamily, folder: Path) -> None:
    weights = load_networks(folder).networks.generator.state_dict()
    broken = {name: value * float("nan") if "img_net3" in name else value for name, value in weights.items()}
    with pytest.raises(GeneratorError, match="finite"):
        family.generator(broken).sample(PROMPTS[:1], (0,))


def test_prompts_and_seeds_must_have_one_length(images: ControlImages) -> None:
    with pytest.raises(InvalidInputError, match="one seed for each"):
        images.sample(PROMPTS, (0,))


def test_a_scale_is_an_error(family: ControlFamily) -> None:
    with pytest.raises(InvalidInputError, match="no adapters"):
        family.generator(scale=0.5)
