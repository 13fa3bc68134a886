"""Laws of the faces."""

from dataclasses import replace

import numpy as np
import pytest

from finetune.miniature.portraits import (
    FEATURES,
    Portrait,
    feature_caption,
    person_caption,
    portrait_caption,
    render_portraits,
    sample_portraits,
)
from finexl.errors import InvalidInputError, UnknownNameError


def test_portraits_are_bytes_of_64_by_64() -> None:
    images = render_portraits(sample_portraits(20, np.random.default_rng(0)))
    assert (images.shape, images.dtype) == ((20, 64, 64, 3), np.uint8)


def test_no_portraits_give_no_images() -> None:
    assert render_portraits(()).shape == (0, 64, 64, 3)


def test_the_same_seed_draws_the_same_faces() -> None:
    assert sample_portraits(9, np.random.default_rng(2)) == sample_portraits(9, np.random.default_rng(2))


@pytest.mark.parametrize("feature", FEATURES)
def test_a_feature_grows_with_its_slider(feature: str) -> None:
    ladder = render_portraits([replace(Portrait(), **{feature: step / 8}) for step in range(9)]).astype(int)
    assert all(np.diff(np.abs(ladder - ladder[0]).mean(axis=(1, 2, 3))) > 0)


@pytest.mark.parametrize("color", ["black", "red"])
def test_a_bald_head_shows_no_color_of_hair_above_the_brows(color: str) -> None:
    bald, other = render_portraits([Portrait(hair=0.0), Portrait(hair=0.0, hair_color=color)])
    assert np.array_equal(bald[:27], other[:27])


def test_a_caption_names_the_features_that_show() -> None:
    face = Portrait(mustache=0.8, glasses=0.1, smile=0.5, hair=0.6, hair_color="red")
    expected = "a portrait of a person with a mustache, a smile and red hair on a blue background"
    assert portrait_caption(face) == expected


def test_a_face_without_features_has_no_hair() -> None:
    expected = "a portrait of a person with no hair on a blue background"
    assert portrait_caption(Portrait(hair=0.0)) == expected


def test_a_short_caption_names_one_feature() -> None:
    face = Portrait(mustache=0.8, hair_color="red")
    said = [feature_caption(feature, face) for feature in ("mustache", "hair", "glasses")]
    assert said == ["a person with a mustache", "a person with red hair", "a person with glasses"]


@pytest.mark.parametrize(("hair", "said"), [(0.6, "a person with brown hair on a"), (0.0, "a person on a")])
def test_a_persons_caption_names_hair_and_background(hair: float, said: str) -> None:
    assert person_caption(Portrait(hair=hair, mustache=1.0)) == f"{said} blue background"


def test_a_slider_beyond_one_is_refused() -> None:
    with pytest.raises(InvalidInputError, match=r"`smile` of a portrait must be in \[0, 1\]. Got 2"):
        Portrait(smile=2.0)


def test_an_unknown_skin_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="`skin` must be one of: dark, light, tan"):
        Portrait(skin="blue")
