"""Nothing is embedded twice, and what comes back is what the encoder said."""

import pytest
import torch
from PIL import Image

from finexl.encoders.cache import CachedEncoder
from finexl.errors import EncoderError, InvalidInputError


class Counting:
    """Embeds a text as its length and an image as its first pixel, and counts what it was given."""

    id = "counting"

    def __init__(self):
        self.seen = []

    def embed_texts(self, texts):
        self.seen.extend(texts)
        return torch.tensor([[float(len(text))] for text in texts])

    def embed_images(self, images):
        self.seen.extend(images)
        return torch.tensor([[float(image.getpixel((0, 0))[0])] for image in images])


def grey(level, size=(2, 2)):
    return Image.new("RGB", size, (level, level, level))


def test_rows_come_back_in_the_order_asked():
    cached = CachedEncoder(Counting())
    cached.embed_texts(["aa"])
    assert cached.embed_texts(["a", "aa", "aaa", "a"]).flatten().tolist() == [1, 2, 3, 1]


def test_a_text_is_embedded_once():
    inner = Counting()
    cached = CachedEncoder(inner)
    cached.embed_texts(["a", "b", "a"])
    cached.embed_texts(["b", "c"])
    assert inner.seen == ["a", "b", "c"]


def test_an_image_is_known_by_its_pixels_and_size():
    inner = Counting()
    cached = CachedEncoder(inner)
    cached.embed_images([grey(1), grey(1), grey(2), grey(1, size=(4, 1))])
    cached.embed_images([grey(1), grey(2)])
    assert len(inner.seen) == 3


def test_an_image_and_a_text_are_never_confused():
    cached = CachedEncoder(Counting())
    cached.embed_images([grey(7)])
    assert cached.embed_texts(["a"]).item() == 1


def test_the_oldest_rows_are_forgotten_first():
    inner = Counting()
    cached = CachedEncoder(inner, capacity=2)
    cached.embed_texts(["a", "b"])
    cached.embed_texts(["a"])  # now "b" is the oldest
    cached.embed_texts(["c"])
    cached.embed_texts(["a", "b"])
    assert inner.seen == ["a", "b", "c", "b"]


def test_a_call_larger_than_the_capacity_is_answered_in_full():
    cached = CachedEncoder(Counting(), capacity=2)
    assert cached.embed_texts(["a", "bb", "ccc"]).flatten().tolist() == [1, 2, 3]
    assert len(cached) == 2


def test_changing_a_returned_row_does_not_change_what_is_remembered():
    cached = CachedEncoder(Counting())
    cached.embed_texts(["a"]).zero_()
    assert cached.embed_texts(["a"]).item() == 1


def test_the_id_is_that_of_the_encoder():
    assert CachedEncoder(Counting()).id == "counting"


def test_a_capacity_of_nothing_is_refused():
    with pytest.raises(InvalidInputError, match="capacity"):
        CachedEncoder(Counting(), capacity=0)


def test_a_missing_row_is_an_error():
    class Forgetful(Counting):
        def embed_texts(self, texts):
            return super().embed_texts(texts)[1:]

    with pytest.raises(EncoderError, match="given 2 and returned 1"):
        CachedEncoder(Forgetful()).embed_texts(["a", "b"])
