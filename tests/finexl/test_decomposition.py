"""Eq. 10-11 against closed forms and the normal equations."""

import math

import numpy as np
import pytest
import torch

from finexl.decomposition import decompose
from finexl.errors import InvalidInputError


def random_rows(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_weights_of_an_exact_combination_are_found():
    vectors, weights = random_rows(3, 8), torch.tensor([2.0, -1.0, 0.5], dtype=torch.float64)
    fit = decompose(weights @ vectors, vectors)
    torch.testing.assert_close(fit.weights, weights)
    assert fit.residual == pytest.approx(0, abs=1e-12)


def test_weights_solve_the_normal_equations():
    vectors, v = random_rows(3, 8), random_rows(8, seed=1)
    expected = np.linalg.solve((vectors @ vectors.T).numpy(), (vectors @ v).numpy())
    assert decompose(v, vectors).weights.numpy() == pytest.approx(expected)


def test_weights_are_joint_and_not_one_projection_each():
    vectors = torch.tensor([[1.0, 0.0], [1.0, 1.0]], dtype=torch.float64)
    v = torch.tensor([0.0, 1.0], dtype=torch.float64)  # = second - first
    assert decompose(v, vectors).weights.tolist() == pytest.approx([-1.0, 1.0])


def test_the_residual_is_the_unexplained_share():
    vectors = torch.tensor([[1.0, 0.0]], dtype=torch.float64)
    fit = decompose(torch.tensor([3.0, 4.0], dtype=torch.float64), vectors)
    assert (fit.residual, fit.residual_norm) == (pytest.approx(0.8), pytest.approx(4.0))


def test_the_residual_is_orthogonal_to_every_concept():
    vectors, v = random_rows(3, 8), random_rows(8, seed=1)
    left = v - decompose(v, vectors).weights @ vectors
    assert (vectors @ left).abs().max() < 1e-10


def test_another_concept_never_raises_the_residual():
    vectors, v = random_rows(6, 8), random_rows(8, seed=1)
    residuals = [decompose(v, vectors[:k]).residual for k in range(1, 7)]
    assert residuals == sorted(residuals, reverse=True)


def test_dependent_concepts_share_the_weight_and_are_reported():
    vectors = torch.tensor([[1.0, 0.0], [1.0, 0.0]], dtype=torch.float64)
    fit = decompose(torch.tensor([2.0, 0.0], dtype=torch.float64), vectors)
    assert fit.weights.tolist() == pytest.approx([1.0, 1.0])
    assert math.isinf(fit.condition_number)


def test_the_condition_number_is_the_ratio_of_singular_values():
    vectors = torch.diag(torch.tensor([4.0, 2.0, 1.0], dtype=torch.float64))
    assert decompose(vectors.sum(dim=0), vectors).condition_number == pytest.approx(4.0)


def test_nothing_to_explain_leaves_no_residual():
    assert decompose(torch.zeros(8, dtype=torch.float64), random_rows(2, 8)).residual == 0.0


def test_the_fit_is_the_same_every_time():
    vectors, v = random_rows(5, 8), random_rows(8, seed=1)
    assert torch.equal(decompose(v, vectors).weights, decompose(v, vectors).weights)


def test_a_decomposition_over_nothing_is_refused():
    with pytest.raises(InvalidInputError, match="at least one concept vector"):
        decompose(random_rows(8), random_rows(0, 8))
