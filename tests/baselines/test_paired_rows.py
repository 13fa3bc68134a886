"""Embeddings of pairs say which image of which model an encoder failed at."""

import pytest
from small_world import WORLD, pairs

from baselines.paired_rows import paired_rows
from finexl.errors import EncoderError


class Broken:
    """The toy encoder, without a finite row for one image of a call."""

    id = "broken"

    def __init__(self, at):
        self._at = at

    def embed_images(self, images):
        rows = WORLD.encoder.embed_images(images)
        rows[self._at] = float("nan")
        return rows

    def embed_texts(self, texts):
        return WORLD.encoder.embed_texts(texts)


@pytest.mark.parametrize(
    ("at", "told"), [(2, "base image 2 "), (len(WORLD.prompts) + 1, "personalized image 1 ")]
)
def test_an_image_without_embedding_is_named_by_its_model_and_prompt(at, told):
    with pytest.raises(EncoderError, match=told):
        paired_rows(pairs(vivid=3), encoder=Broken(at))


def test_shifts_are_of_the_images_of_one_prompt():
    model = pairs(vivid=3)
    rows = paired_rows(model, encoder=WORLD.encoder)
    images = [
        WORLD.encoder.embed_images(list(images)).double() for images in (model.personalized, model.base)
    ]
    assert rows.shifts.equal(images[0] - images[1])
