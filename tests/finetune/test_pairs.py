"""Images survive the store, and pairs hold nothing but pixels and prompts."""

from pathlib import Path

import numpy as np
import pytest

from finetune.pairs import as_pairs, read_images, write_images
from finexl.errors import InvalidInputError

IMAGES = np.random.default_rng(0).integers(0, 256, (3, 4, 5, 3), dtype=np.uint8)


def test_images_come_back_as_they_were(tmp_path: Path) -> None:
    write_images(tmp_path, IMAGES.transpose(0, 2, 1, 3))
    assert np.array_equal(read_images(tmp_path), IMAGES.transpose(0, 2, 1, 3))


def test_pairs_hold_base_and_personalized_in_order() -> None:
    pairs = as_pairs(["a", "b", "c"], base=IMAGES, personalized=255 - IMAGES, id="x")
    total = np.asarray(pairs.base[1]).astype(int) + np.asarray(pairs.personalized[1])
    assert (total == 255).all()


def test_pairs_of_two_sizes_are_refused() -> None:
    with pytest.raises(InvalidInputError, match="one shape"):
        as_pairs(["a", "b", "c"], base=IMAGES, personalized=IMAGES[:, :3], id="x")
