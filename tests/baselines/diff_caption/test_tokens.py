"""Tokens carry their kind and place as the published tables say."""

import math

import torch

from baselines.diff_caption.tokens import Kind, Placed, places


def placed() -> Placed:
    torch.manual_seed(0)
    return Placed(8, dropout=0.0)


def test_places_have_the_published_doubled_exponents() -> None:
    table = places(4, 6)
    for column in range(6):
        angle = 3 / 10000 ** (2 * column / 6)
        expected = math.sin(angle) if column % 2 == 0 else math.cos(angle)
        assert math.isclose(float(table[3, column]), expected, rel_tol=1e-5)


def test_words_are_scaled_by_the_root_of_the_width() -> None:
    module, x = placed(), torch.randn(1, 3, 8)
    expected = module.layernorm(x * 8**0.5 + module.type_pe.weight[6] + module.pe[:, :3])
    torch.testing.assert_close(module(x, Kind.TEXT), expected)


def test_regions_have_a_place_and_marks_have_none() -> None:
    module, x = placed(), torch.randn(1, 1, 8).expand(1, 3, 8)
    regions, marks = module(x, Kind.SECOND_IMAGE), module(x, Kind.SECOND_MARK)
    assert not torch.allclose(regions[:, 0], regions[:, 1])
    torch.testing.assert_close(marks[:, 0], marks[:, 1])


def test_kinds_have_the_published_numbers() -> None:
    assert [int(kind) for kind in Kind] == [1, 2, 3, 4, 5, 6]
