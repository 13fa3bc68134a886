"""Patches that tell two models apart, where it is known which do."""

from itertools import product
from pathlib import Path

import numpy as np
import pytest

from benchmark.paper.asking import read_words
from benchmark.paper.desk import Desk, Done
from benchmark.paper.figures import patches
from benchmark.paper.figures.patches import auroc, cut, telling_direction
from benchmark.paper.specification import specification
from benchmark.show.drawing import Picture


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


def test_patches_are_found_once_for_the_same_images(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown, calls = np.arange(2 * 16 * 16 * 3, dtype=np.uint8).reshape(2, 16, 16, 3), []

    def telling(_settings, _bench, groups):
        calls.append(groups)
        digits = shown.tobytes().hex()
        return [{"base": digits, "personalized": digits, "auroc": 0.75, "n": 2} for _ in groups]

    monkeypatch.setattr(patches, "telling", telling)
    for words, n_calls in (([], 1), ([], 1), (["seed=1"], 2)):
        asked = read_words(["preset=smoke", f"output={tmp_path}", f"store={tmp_path}", *words])
        found = patches.draw(specification("figure", 14), Desk(asked=asked, do=lambda _: Done(records=())))
        assert len(calls) == n_calls
        first, second = [mark.pixels for mark in found.drawing.marks if isinstance(mark, Picture)][:2]
        assert (first == shown[0]).all() and (second == shown[1]).all()
    assert "AUROC of 0.75 (2 patches of each" in found.remarks[0]
