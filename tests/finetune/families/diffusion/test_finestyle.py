"""One captioned image becomes several, each around a concept."""

import numpy as np
import pytest
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import StableDiffusionPipeline

from finetune.families.diffusion.attention_maps import MapSettings
from finetune.families.diffusion.finestyle import (
    Box,
    ScalingSettings,
    box_of,
    concept_scaled,
    cropped,
    phrases,
)
from finetune.mixing import TrainingImages
from finexl.errors import InvalidInputError

ONE_DRAW = MapSettings(n_draws=1)


def settings(**changes: int | float) -> ScalingSettings:
    return ScalingSettings(maps=ONE_DRAW, **changes)  # pyright: ignore[reportArgumentType]  # a table of numbers


@pytest.mark.parametrize(
    ("caption", "expected"),
    [
        ("a red house in a field", ["a red house", "a field"]),
        ("a star, a blue fish and an old boat on the sea", ["a star", "a blue fish", "an old boat", "the sea"]),
        ("Flowers with a bee's wing", ["Flowers", "a bee's wing"]),
        ("", []),
        ("of the and", []),
    ],
)  # fmt: skip
def test_a_caption_falls_into_noun_phrases(caption: str, expected: list[str]) -> None:
    assert [phrase.text for phrase in phrases(caption)] == expected


def test_articles_are_not_what_a_phrase_is_looked_up_by() -> None:
    caption = "a red house"
    (phrase,) = phrases(caption)
    assert [caption[start:end] for start, end in phrase.spans] == ["red", "house"]


def test_a_box_is_the_square_around_what_exceeds_half_the_range() -> None:
    places = np.zeros((8, 8), np.float32)
    places[2:4, 4:7] = 1.0
    assert box_of(places, margin=0.0, smallest=0.1) == pytest.approx((4 / 8, 1.5 / 8, 7 / 8, 4.5 / 8))


def test_a_box_at_the_edge_moves_inside() -> None:
    places = np.zeros((8, 8), np.float32)
    places[0, 7] = 1.0
    assert box_of(places, margin=0.0, smallest=0.5) == pytest.approx((0.5, 0.0, 1.0, 0.5))


def test_a_map_without_a_peak_gives_the_whole_image() -> None:
    assert box_of(np.ones((8, 8), np.float32), margin=0.1, smallest=0.5) == (0.0, 0.0, 1.0, 1.0)


def test_a_quarter_of_an_image_is_magnified() -> None:
    image = np.zeros((8, 8, 3), np.uint8)
    image[:4, :4] = 200
    magnified = cropped(image, Box(0.0, 0.0, 0.5, 0.5))
    assert magnified.shape == (8, 8, 3) and (magnified[:4, :4] == 200).all()


def test_every_image_gives_itself_and_the_same_number_of_parts(
    pipeline: StableDiffusionPipeline, training: TrainingImages
) -> None:
    scaled = concept_scaled(pipeline, training, settings=settings(n_concepts=2))
    assert scaled.captions[::3] == training.captions and np.array_equal(scaled.images[::3], training.images)
    assert len(scaled.captions) == 18 and set(scaled.sources) == {"light"}


def test_parts_are_captioned_by_phrases_of_their_caption(
    pipeline: StableDiffusionPipeline, training: TrainingImages
) -> None:
    scaled = concept_scaled(pipeline, training, settings=settings(n_concepts=2))
    assert set(scaled.captions[1:3]) == {"a red house", "a field"}


def test_missing_phrases_are_filled_with_the_whole_image(
    pipeline: StableDiffusionPipeline, training: TrainingImages
) -> None:
    scaled = concept_scaled(pipeline, training, settings=settings(n_concepts=4))
    assert scaled.captions[3:5] == (training.captions[0],) * 2
    assert np.array_equal(scaled.images[4], training.images[0])


def test_contents_are_cropped_like_their_images(
    pipeline: StableDiffusionPipeline, training: TrainingImages
) -> None:
    paired = TrainingImages(
        images=training.images, captions=training.captions, sources=training.sources, contents=training.images
    )
    scaled = concept_scaled(pipeline, paired, settings=settings())
    assert scaled.contents is not None and np.array_equal(scaled.contents, scaled.images)


def test_scaling_is_a_function_of_its_seed(
    pipeline: StableDiffusionPipeline, training: TrainingImages
) -> None:
    first, again = (concept_scaled(pipeline, training, settings=settings()) for _ in range(2))
    assert np.array_equal(first.images, again.images) and first.captions == again.captions


def test_a_box_of_no_size_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="smallest"):
        ScalingSettings(smallest=0.0)
