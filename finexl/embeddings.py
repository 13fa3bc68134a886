"""The door between encoders (any precision, any fault) and the method (float64, finite rows)."""

from collections.abc import Sequence

import torch
from jaxtyping import Float, Float64
from PIL import Image
from torch import Tensor

from finexl.errors import EncoderError
from finexl.interfaces import Encoder


def image_rows(images: Sequence[Image.Image], *, encoder: Encoder, role: str = "") -> Float64[Tensor, "n d"]:
    """Embed images; a row that is not finite is an error that names the image's `role` and index."""
    rows = encoder.embed_images(images)
    return checked_rows(rows, n=len(images), encoder_id=encoder.id, what=f"{role} image".strip())


def text_rows(texts: Sequence[str], *, encoder: Encoder) -> Float64[Tensor, "n d"]:
    """Embed texts; a row that is not finite is an error that names the text's index."""
    return checked_rows(encoder.embed_texts(texts), n=len(texts), encoder_id=encoder.id, what="text")


def checked_rows(rows: Float[Tensor, "n d"], *, n: int, encoder_id: str, what: str) -> Float64[Tensor, "n d"]:
    """Rows in float64, if there are `n` of them and all are finite."""
    if rows.ndim != 2 or len(rows) != n:
        raise EncoderError(
            f"An encoder must return one row per {what}. "
            f"Encoder {encoder_id!r} was given {n} and returned shape {tuple(rows.shape)}."
        )
    broken = (~torch.isfinite(rows).all(dim=1)).nonzero().flatten().tolist()
    if broken:
        raise EncoderError(
            f"Embeddings must be finite. Encoder {encoder_id!r} returned NaN or infinity for "
            f"{what} {broken[0]} ({len(broken)} of {n} affected). Check its weights and run it in float32."
        )
    return rows.to(device="cpu", dtype=torch.float64)


class UnitEncoder:
    """Scales every row of another encoder to length 1."""

    __slots__ = ("_encoder",)

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    @property
    def id(self) -> str:
        """The inner encoder's id, marked."""
        return f"unit({self._encoder.id})"

    def embed_images(self, images: Sequence[Image.Image]) -> Float[Tensor, "n d"]:
        """One row of length 1 per image."""
        return torch.nn.functional.normalize(self._encoder.embed_images(images), dim=1)

    def embed_texts(self, texts: Sequence[str]) -> Float[Tensor, "n d"]:
        """One row of length 1 per text."""
        return torch.nn.functional.normalize(self._encoder.embed_texts(texts), dim=1)
