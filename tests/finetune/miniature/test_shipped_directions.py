"""The edit directions that ship with the generator of portraits do what their names say."""

import numpy as np
import pytest

from finetune.families.diffusion.latent_editing import edited_generator, read_direction
from finetune.families.diffusion.personalizer import load_pipeline
from finetune.families.diffusion.sampling import Sampling
from finetune.generator import GeneratorSettings, generator_id
from finetune.miniature.models import direction_file, portraits_folder

PROMPTS = ("a portrait of a person with brown hair on a blue background",) * 4
PLACES = {"mustache": np.s_[:, 40:50, 22:42], "hat": np.s_[:, :26]}


@pytest.mark.parametrize("name", ["mustache", "glasses", "smile", "hat"])
def test_a_direction_is_for_the_shipped_generator(name: str) -> None:
    direction = read_direction(direction_file(name))
    direction.require_generator(generator_id(GeneratorSettings(folder=portraits_folder())))
    assert direction.name == name and direction.largest_scale


@pytest.mark.parametrize("name", PLACES)
def test_a_feature_grows_with_the_scale_in_its_place(name: str) -> None:
    pipeline, sampling = load_pipeline(portraits_folder()), Sampling(n_steps=6, batch_size=4)
    largest = read_direction(direction_file(name)).largest_scale or 0.0
    base, low, high = (
        edited_generator(
            pipeline, sampling, read_direction(direction_file(name)), scale=share * largest
        ).sample(PROMPTS, range(4))
        for share in (0.0, 0.5, 1.0)
    )
    low_change, high_change = (np.abs(images.astype(int) - base) for images in (low, high))
    assert (
        high_change[PLACES[name]].mean() > low_change[PLACES[name]].mean() > 2 * low_change[:, :, :6].mean()
    )
