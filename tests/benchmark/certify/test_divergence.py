"""The held-out measure is a distance of images."""

import numpy as np
import pytest

from benchmark.certify.divergence import measured_divergence

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 200, (5, 32, 32, 3), dtype=np.uint8)


def test_equal_images_do_not_diverge() -> None:
    assert measured_divergence(IMAGES, IMAGES) == 0


def test_a_shift_of_every_colour_shows_at_every_scale() -> None:
    shifted = IMAGES + np.uint8(51)
    # Three of the maps (colours) move by 0.2 everywhere, the two of edges stay.
    for_size = [(3 * s * s) / (3 * s * s + 2 * s * (s - 1)) for s in (32, 16, 8, 4)]
    assert measured_divergence(IMAGES, shifted) == pytest.approx(np.sqrt(0.04 * np.mean(for_size)))


def test_it_is_symmetric() -> None:
    other = RNG.integers(0, 255, IMAGES.shape, dtype=np.uint8)
    assert measured_divergence(IMAGES, other) == measured_divergence(other, IMAGES)


def test_it_grows_with_the_shift() -> None:
    values = [measured_divergence(IMAGES, IMAGES + np.uint8(step)) for step in (5, 10, 20, 40)]
    assert values == sorted(values)


def test_a_texture_of_mean_zero_shows() -> None:
    grain = RNG.choice(np.array([-20, 20]), IMAGES.shape)
    grainy = np.clip(IMAGES + grain, 0, 255).astype(np.uint8)
    assert measured_divergence(IMAGES, grainy) > 0.02


def test_how_images_are_batched_does_not_matter() -> None:
    many, other = np.concatenate([IMAGES] * 9), np.concatenate([IMAGES[::-1]] * 9)
    assert measured_divergence(many, other) == pytest.approx(measured_divergence(IMAGES, IMAGES[::-1]))


@pytest.mark.parametrize("shape", [(1, 1, 1, 3), (1, 3, 5, 3), (2, 7, 64, 3)])
def test_images_of_any_size_are_measured(shape: tuple[int, ...]) -> None:
    assert measured_divergence(np.zeros(shape, np.uint8), np.full(shape, 255, np.uint8)) > 0.5
