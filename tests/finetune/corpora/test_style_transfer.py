"""The Style Transfer corpus of the miniature world: fifty scenes in fifty styles."""

import numpy as np
import pytest

from finetune.corpora.style_transfer import N_CONTENTS, StyleTransferCorpus
from finexl.errors import InvalidInputError, UnknownNameError

CORPUS = StyleTransferCorpus()


def test_style_transfer_has_2500_images_in_50_styles() -> None:
    assert len(CORPUS.aspects) * N_CONTENTS == 2500


def test_all_styles_share_their_contents() -> None:
    assert CORPUS.images("vivid", 20, 3)[1] == CORPUS.images("sepia", 20, 3)[1]
    assert np.array_equal(CORPUS.contents("vivid", 20, 3), CORPUS.contents("sepia", 20, 3))


def test_contents_are_those_of_the_images_row_by_row() -> None:
    images, contents = (
        CORPUS.images("grainy", 8, 1)[0].astype(int),
        CORPUS.contents("grainy", 8, 1).astype(int),
    )
    distances = np.abs(images[:, None] - contents[None]).mean(axis=(2, 3, 4))
    assert distances.argmin(axis=1).tolist() == list(range(8)) and (distances.diagonal() > 1).all()


def test_a_style_has_no_more_images_than_contents() -> None:
    with pytest.raises(InvalidInputError, match="n_images"):
        CORPUS.images("vivid", N_CONTENTS + 1, 0)


def test_images_are_a_function_of_the_seed() -> None:
    first, again, other = (CORPUS.images("faded", 8, seed)[0] for seed in (1, 1, 2))
    assert np.array_equal(first, again) and not np.array_equal(first, other)


def test_no_word_names_two_styles() -> None:
    words = [word for names in CORPUS.names.values() for word in names]
    assert len(words) == len(set(words))


def test_a_mistyped_style_names_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean aspects=vivid"):
        StyleTransferCorpus(aspects=("vividd",))
