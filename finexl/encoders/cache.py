"""Embeddings remembered by content, so that no image and no text is embedded twice."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import TypeVar

import torch
from jaxtyping import Float
from PIL import Image
from torch import Tensor

from finexl.errors import EncoderError, InvalidInputError
from finexl.interfaces import Encoder
from finexl.pictures import picture_key

T = TypeVar("T")
Key = tuple[str, str]


class CachedEncoder:
    """An encoder that remembers the rows it returned last, at most `capacity` of them, in memory.

    Images are recognised by a hash of the pixels that are seen; a row of 512 numbers takes 2 kB.
    """

    __slots__ = ("_capacity", "_encoder", "_rows")

    def __init__(self, encoder: Encoder, *, capacity: int = 50_000) -> None:
        if capacity < 1:
            raise InvalidInputError(f"`capacity` of a cached encoder must be at least 1. Got {capacity!r}.")
        self._encoder = encoder
        self._capacity = capacity
        self._rows: OrderedDict[Key, Tensor] = OrderedDict()

    @property
    def id(self) -> str:
        """The inner encoder's id: remembered embeddings are the same embeddings."""
        return self._encoder.id

    def __len__(self) -> int:
        return len(self._rows)

    def embed_images(self, images: Sequence[Image.Image]) -> Float[Tensor, "n d"]:
        """One row per image, embedding only images not seen before."""
        opened = list(images)
        return self._embed([image_key(image) for image in opened], opened, self._encoder.embed_images)

    def embed_texts(self, texts: Sequence[str]) -> Float[Tensor, "n d"]:
        """One row per text, embedding only texts not seen before."""
        return self._embed([("text", text) for text in texts], texts, self._encoder.embed_texts)

    def _embed(
        self, keys: Sequence[Key], items: Sequence[T], embed: Callable[[Sequence[T]], Tensor]
    ) -> Float[Tensor, "n d"]:
        if not keys:
            return embed([])
        known = {key: self._rows[key] for key in keys if key in self._rows}
        for key in known:
            self._rows.move_to_end(key)
        new = {key: item for key, item in zip(keys, items, strict=True) if key not in known}
        if new:
            rows = embed(list(new.values()))
            if len(rows) != len(new):
                raise EncoderError(
                    "An encoder must return one row per image or text. "
                    f"Encoder {self.id!r} was given {len(new)} and returned {len(rows)}."
                )
            # Cloned one by one: a view would keep its whole batch alive after the others are forgotten.
            fresh = {key: row.clone() for key, row in zip(new, rows, strict=True)}
            known.update(fresh)
            self._rows.update(fresh)
            while len(self._rows) > self._capacity:
                self._rows.popitem(last=False)
        return torch.stack([known[key] for key in keys])


def image_key(image: Image.Image) -> Key:
    """What an image is, whatever its name, mode or palette: a hash of what is seen."""
    return "image", picture_key(image)
