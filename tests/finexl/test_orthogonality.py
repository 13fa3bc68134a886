"""Eq. 9 on vectors whose cosines are known."""

import math

import pytest
import torch

from finexl.orthogonality import absolute_cosine_sum, max_abs_cosine, select_orthogonal, signed_cosine_sum


def rows(*values):
    return torch.tensor(values, dtype=torch.float64).reshape(len(values), -1)


X = torch.tensor([2.0, 0.0, 0.0], dtype=torch.float64)
NONE = torch.zeros(0, 3, dtype=torch.float64)


def test_the_signed_sum_adds_the_cosines_of_a_naive_loop():
    vector, admitted = torch.randn(7, 4, generator=torch.Generator().manual_seed(0)).double().split([1, 6])
    expected = sum(
        float(vector[0] @ other) / math.sqrt(float(vector[0] @ vector[0]) * float(other @ other))
        for other in admitted
    )
    assert signed_cosine_sum(vector[0], admitted) == pytest.approx(expected)


def test_the_first_concept_has_orthogonality_zero():
    assert (signed_cosine_sum(X, NONE), absolute_cosine_sum(X, NONE), max_abs_cosine(X, NONE)) == (0, 0, 0)


def test_opposite_concepts_cancel_in_the_signed_sum_only():
    admitted = rows([1, 0, 0], [-3, 0, 0])
    assert signed_cosine_sum(X, admitted) == pytest.approx(0)
    assert absolute_cosine_sum(X, admitted) == pytest.approx(2)
    assert max_abs_cosine(X, admitted) == pytest.approx(1)


def test_lengths_do_not_matter():
    admitted = rows([3, 4, 0], [0, 0, 2])
    assert signed_cosine_sum(X, admitted) == pytest.approx(signed_cosine_sum(10 * X, 0.1 * admitted))


def test_the_threshold_itself_is_rejected():
    admitted = rows([3, 4, 0])  # cosine with X is exactly .6
    assert not select_orthogonal(X, admitted, e_ortho=0.6)
    assert select_orthogonal(X, admitted, e_ortho=0.6 + 1e-9)


def test_the_projection_decides_whether_an_opposite_is_admitted():
    admitted = rows([-1, 0, 0])
    assert select_orthogonal(X, admitted, e_ortho=0.5, projection="signed")
    assert not select_orthogonal(X, admitted, e_ortho=0.5, projection="absolute")
    assert not select_orthogonal(X, admitted, e_ortho=0.5, projection="max_absolute")


def test_a_concept_that_the_encoder_does_not_see_is_never_admitted():
    assert not select_orthogonal(0 * X, NONE, e_ortho=0.5)
