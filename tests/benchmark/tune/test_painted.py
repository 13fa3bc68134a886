"""Painted mixtures move images by their shares, and changes without a name move them by something."""

import numpy as np
import pytest

from benchmark.tune.painted import NAMELESS, mixture
from finetune.miniature.render import render
from finetune.miniature.scenes import sample_scenes

IMAGES = render(sample_scenes(4, np.random.default_rng(0)))


def moved(images: np.ndarray) -> float:
    return float(np.abs(images.astype(int) - IMAGES).mean())


def test_nothing_painted_is_the_images_themselves() -> None:
    assert (mixture(IMAGES, {"warm": 0.0, "dark": 0.0}, seed=1) == IMAGES).all()


def test_a_whole_share_moves_more_than_half_of_it() -> None:
    half, whole = (moved(mixture(IMAGES, {"dark": share}, seed=1)) for share in (0.5, 1.0))
    assert 0 < half < whole


def test_the_same_seed_paints_the_same() -> None:
    one, other = (mixture(IMAGES, {"striped": 0.5, "foggy": 0.5}, seed=3) for _ in range(2))
    assert (one == other).all()


@pytest.mark.parametrize("name", NAMELESS)
def test_a_change_without_a_name_moves_pictures_and_keeps_their_shape(name: str) -> None:
    changed = NAMELESS[name](IMAGES)
    assert (changed.shape, changed.dtype) == (IMAGES.shape, IMAGES.dtype) and moved(changed) > 1
