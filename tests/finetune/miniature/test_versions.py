"""The other checkpoints: what their data is tilted to, and that their adapters fit the base generator."""

import numpy as np
import pytest

from finetune.families.diffusion.adapter_files import read_adapter
from finetune.families.diffusion.adapters import has_effect
from finetune.families.diffusion.personalizer import load_pipeline
from finetune.miniature import render, sample_scenes
from finetune.miniature.models import pipeline_folder, version_adapter
from finetune.miniature.versions import VERSIONS, Tilt


@pytest.mark.parametrize("aspect", ["vivid", "contrasty"])
def test_the_newest_version_has_the_strongest_tilt(aspect: str) -> None:
    assert VERSIONS["v21"].mean_strength(aspect) > VERSIONS["v14"].mean_strength(aspect) > 0


def test_a_tilt_without_an_aspect_has_none_of_it() -> None:
    assert Tilt(share=1.0, strengths={"vivid": (0.2, 0.4)}).mean_strength("contrasty") == 0


def test_a_mean_strength_is_that_of_all_images() -> None:
    assert Tilt(share=0.5, strengths={"vivid": (0.2, 0.4)}).mean_strength("vivid") == pytest.approx(0.15)


def test_a_tilt_touches_its_share_of_the_images() -> None:
    scenes = render(sample_scenes(100, np.random.default_rng(0)))
    tilted = VERSIONS["v14"].applied(scenes, seed=1)
    assert 35 <= (tilted != scenes).any(axis=(1, 2, 3)).sum() <= 65


def test_a_tilt_is_a_function_of_its_seed() -> None:
    scenes = render(sample_scenes(4, np.random.default_rng(0)))
    first, second = (VERSIONS["v21"].applied(scenes, seed=2) for _ in range(2))
    assert np.array_equal(first, second)


def test_shipped_adapters_fit_the_shipped_base() -> None:
    unet = load_pipeline(pipeline_folder()).unet
    assert all(has_effect(read_adapter({"unet": unet}, version_adapter(name))["unet"]) for name in VERSIONS)
