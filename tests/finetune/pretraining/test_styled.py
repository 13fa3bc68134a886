"""What encoder and captioner see: pairs of pictures that differ in what their sentences say."""

import numpy as np
import pytest

from finetune.miniature.portraits import FEATURES
from finetune.miniature.vocabulary import synonyms
from finetune.pretraining.styled import WORDED, StyledPictures


@pytest.fixture(scope="module")
def pictures() -> StyledPictures:
    return StyledPictures(20, n_portraits=60, seed=3)


def test_the_pool_holds_scenes_and_faces_in_two_draws(pictures: StyledPictures) -> None:
    assert [half.shape for half in pictures.images] == [(80, 64, 64, 3)] * 2


def test_the_two_draws_differ_where_their_features_do(pictures: StyledPictures) -> None:
    same_images = (pictures.images[0] == pictures.images[1]).all(axis=(1, 2, 3))
    same_styles = [first == second for first, second in zip(*pictures.styles, strict=True)]
    assert np.array_equal(same_images[20:], same_styles[20:])


def test_a_feature_in_the_caption_is_not_drawn_again(pictures: StyledPictures) -> None:
    for caption, drawn in zip(pictures.captions[20:], pictures.styles[0][20:], strict=True):
        assert not any(feature.name in caption for feature in drawn)


def test_a_batch_names_every_drawn_feature_first(pictures: StyledPictures) -> None:
    _, said = pictures.batch(160, seed=1)
    words = {word for feature in WORDED for word in synonyms(feature)}
    named = [text for text in said if " person " in text and text.split(" photo:")[0].split()[-1] in words]
    assert len(named) > 60


def test_a_batch_is_a_function_of_its_seed(pictures: StyledPictures) -> None:
    images, said = pictures.batch(8, seed=1)
    again, repeated = pictures.batch(8, seed=1)
    assert np.array_equal(images, again) and said == repeated


def test_features_have_their_synonyms() -> None:
    assert synonyms("mustache") == FEATURES["mustache"]
