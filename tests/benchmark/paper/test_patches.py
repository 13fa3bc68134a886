"""Patches that tell two models apart, where it is known which do."""

from itertools import product

import numpy as np
import pytest

from benchmark.paper.figures.patches import auroc, cut, telling_direction


def test_patches_are_the_squares_of_an_image_row_by_row() -> None:
    image = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(1, 4, 6, 3)
    patches = cut(image, side=2)
    assert patches.shape == (1, 6, 2, 2, 3)
    assert (patches[0, 4] == image[0, 2:4, 2:4]).all()


def test_what_does_not_fill_a_patch_is_left_out() -> None:
    assert cut(np.zeros((2, 5, 7, 3), np.uint8), side=2).shape == (2, 6, 2, 2, 3)


def test_the_direction_of_a_shift_along_one_axis_is_that_axis() -> None:
    rng = np.random.default_rng(0)
    base = rng.normal(size=(4000, 3))
    direction = telling_direction(base, rng.normal(size=(4000, 3)) + np.array([0.0, 2.0, 0.0]))
    assert direction == pytest.approx([0.0, 1.0, 0.0], abs=0.05)


def test_no_shift_has_no_direction() -> None:
    rows = np.random.default_rng(0).normal(size=(10, 2))
    assert telling_direction(rows, rows).tolist() == [0.0, 0.0]


def test_auroc_is_the_share_of_pairs_that_are_in_order() -> None:
    rng = np.random.default_rng(1)
    ones, others = rng.integers(5, size=12).astype(float), rng.integers(5, size=9).astype(float)
    pairs = [(one > other) + 0.5 * (one == other) for one, other in product(ones, others)]
    assert auroc(ones, others) == pytest.approx(np.mean(pairs))
