"""Linearity and alignment in spaces where they are known."""

from math import pi

import numpy as np
import pytest
import torch

from benchmark.paper.tables.spaces import chance_of_projection, cosine, linearity


def test_a_weighted_sum_is_perfectly_linear() -> None:
    parts = torch.tensor([[1.0, 0.0, 0.0], [0.0, 2.0, 0.0]], dtype=torch.float64)
    assert linearity(0.3 * parts[0] - 4 * parts[1], parts) == pytest.approx(1.0)


def test_a_union_that_leaves_the_plane_of_its_parts_by_half_a_right_angle_is_linear_by_its_cosine() -> None:
    parts = torch.eye(3, dtype=torch.float64)[:2]
    assert linearity(torch.tensor([1.0, 0.0, 1.0], dtype=torch.float64), parts) == pytest.approx(2**-0.5)


def test_an_unseen_union_is_not_linear() -> None:
    assert linearity(torch.zeros(3, dtype=torch.float64), torch.eye(3, dtype=torch.float64)[:2]) == 0.0


def test_the_cosine_with_nothing_is_zero() -> None:
    assert cosine(torch.zeros(2), torch.ones(2)) == 0.0


def test_a_random_direction_in_the_plane_is_two_over_pi_along_an_axis() -> None:
    assert chance_of_projection(2, 1) == pytest.approx(2 / pi)


def test_chance_of_linearity_is_the_mean_over_random_vectors() -> None:
    rows = np.random.default_rng(0).normal(size=(20_000, 24))
    lengths = np.linalg.norm(rows[:, :2], axis=1) / np.linalg.norm(rows, axis=1)
    assert chance_of_projection(24, 2) == pytest.approx(lengths.mean(), rel=0.01)
