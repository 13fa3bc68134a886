"""Pictures that are hard to tell apart, and the texture that an autoencoder must keep."""

import numpy as np
import pytest
import torch

from finetune.miniature.examples import STYLES
from finetune.pretraining.lookalikes import LOOKALIKES, N_LOOKS, LookalikePictures
from finetune.pretraining.networks.vae import LATENT_CHANNELS, build_vae, energy_loss, inherit


@pytest.fixture(scope="module")
def pictures() -> LookalikePictures:
    return LookalikePictures(40, seed=3)


def test_every_style_looks_like_some_other() -> None:
    assert {style for family in LOOKALIKES for style in family} == set(STYLES)


def test_every_family_has_a_style_for_each_look() -> None:
    assert min(map(len, LOOKALIKES)) >= N_LOOKS


def test_a_batch_shows_every_subject_in_four_looks(pictures: LookalikePictures) -> None:
    images, said = pictures.batch(96, seed=1)
    scenes = [text.split(": ")[-1].split(" in a ")[0] for text in said]
    assert images.shape == (96, 64, 64, 3) and len(said) == 96
    assert scenes[0].split(",")[0] in scenes[24]


def test_a_batch_is_a_function_of_its_seed(pictures: LookalikePictures) -> None:
    images, said = pictures.batch(24, seed=1)
    again, repeated = pictures.batch(24, seed=1)
    assert np.array_equal(images, again) and said == repeated


def test_equal_images_have_equal_texture_and_blurred_ones_less() -> None:
    noise = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    assert energy_loss(noise, noise) == 0
    assert energy_loss(torch.nn.functional.avg_pool2d(noise, 3, 1, 1), noise) > 0.1


def test_an_autoencoder_with_more_channels_starts_as_the_one_it_goes_on_from() -> None:
    from diffusers import AutoencoderKL

    torch.manual_seed(0)
    wide = build_vae()
    earlier = AutoencoderKL.from_config({**wide.config, "latent_channels": 4})
    inherit(wide, earlier)
    images = torch.rand(1, 3, 64, 64) * 2 - 1
    with torch.no_grad():
        ours, theirs = wide.encode(images).latent_dist.mean, earlier.encode(images).latent_dist.mean
        assert ours.shape[1] == LATENT_CHANNELS
        assert torch.allclose(ours[:, :4], theirs, atol=1e-5)
        assert torch.allclose(wide.decode(ours).sample, earlier.decode(theirs).sample, atol=1e-4)
