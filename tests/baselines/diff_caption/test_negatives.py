"""Hard negatives share words with a caption and are not it."""

import numpy as np
import pytest

from baselines.diff_caption.negatives import hard_negatives
from finexl.errors import InvalidInputError

CAPTIONS = (
    "a very red car",
    "a very red car",
    "a slightly red car",
    "a blue boat",
    "the sea",
    "a very blue car",
)


def test_the_nearest_share_the_most_words() -> None:
    nearest = hard_negatives(CAPTIONS, 2)[0]
    assert {CAPTIONS[place] for place in nearest} == {"a slightly red car", "a very blue car"}


def test_no_negative_is_worded_like_its_caption() -> None:
    for caption, places in zip(CAPTIONS, hard_negatives(CAPTIONS, 3), strict=True):
        assert caption not in [CAPTIONS[place] for place in places]


def test_equal_captions_have_equal_negatives() -> None:
    negatives = hard_negatives(CAPTIONS, 3)
    np.testing.assert_array_equal(negatives[0], negatives[1])


def test_too_few_captions_are_an_error() -> None:
    with pytest.raises(InvalidInputError, match="more than 6"):
        hard_negatives(CAPTIONS, 6)
