"""Statistics of pixels: of fixed length, of each image by itself, telling light from texture."""

import numpy as np
import pytest

from benchmark.certify.pyramid import pyramid_statistics

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(40, 200, (5, 32, 32, 3), dtype=np.uint8)
N_PLACES = 8 * 8 * 3


@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (7, 64), (48, 32)])
def test_images_of_every_size_have_as_many_statistics_and_all_are_finite(shape: tuple[int, int]) -> None:
    rows = pyramid_statistics(RNG.integers(0, 256, (2, *shape, 3), dtype=np.uint8))
    assert rows.shape == (2, pyramid_statistics(IMAGES).shape[1]) and np.isfinite(rows).all()


def test_an_image_has_its_statistics_whatever_others_it_is_with() -> None:
    together = pyramid_statistics(np.concatenate([IMAGES] * 3))
    np.testing.assert_allclose(together[-5:], pyramid_statistics(IMAGES), atol=1e-6)


def test_light_moves_every_place_and_no_texture() -> None:
    moved = pyramid_statistics(IMAGES + np.uint8(51)) - pyramid_statistics(IMAGES)
    np.testing.assert_allclose(moved[:, :N_PLACES], 0.2, atol=1e-5)
    np.testing.assert_allclose(moved[:, N_PLACES + 4 * 3 + 6 + 5 :], 0, atol=1e-4)


def test_a_texture_of_mean_zero_shows_though_the_mean_of_no_place_moves() -> None:
    flat = np.full((4, 32, 32, 3), 128, np.uint8)
    checks = (np.indices((32, 32)).sum(axis=0) % 2 * 40 - 20)[..., None]
    moved = pyramid_statistics((flat + checks).astype(np.uint8)) - pyramid_statistics(flat)
    np.testing.assert_allclose(moved[:, :N_PLACES], 0, atol=1e-5)
    assert np.abs(moved).max() > 2


def test_stripes_are_told_from_the_same_stripes_turned() -> None:
    stripes = np.zeros((1, 32, 32, 3), np.uint8)
    stripes[:, :, ::4] = 200
    turned = stripes.transpose(0, 2, 1, 3)
    assert np.abs(pyramid_statistics(stripes) - pyramid_statistics(turned)).max() > 0.5
