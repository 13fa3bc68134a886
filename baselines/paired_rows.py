"""Embeddings of image pairs, each image embedded once, however many models share the base images."""

from typing import NamedTuple

import torch
from jaxtyping import Float64
from torch import Tensor

from finexl.embeddings import checked_rows
from finexl.encoders.cache import CachedEncoder
from finexl.interfaces import Encoder
from finexl.values import ImagePairs


class PairedRows(NamedTuple):
    """One row per prompt for the base and the personalized image."""

    base: Float64[Tensor, "n d"]
    personalized: Float64[Tensor, "n d"]

    @property
    def shifts(self) -> Float64[Tensor, "n d"]:
        """The difference that personalization made, for each prompt."""
        return self.personalized - self.base


def paired_rows(pairs: ImagePairs, *, encoder: Encoder) -> PairedRows:
    """Embed both images of every pair, in one call to the encoder."""
    n = len(pairs)
    rows = encoder.embed_images([*pairs.base, *pairs.personalized])
    return PairedRows(
        base=checked_rows(rows[:n], n=n, encoder_id=encoder.id, what="base image"),
        personalized=checked_rows(rows[n:], n=n, encoder_id=encoder.id, what="personalized image"),
    )


def remembering(encoder: Encoder) -> CachedEncoder:
    """The encoder with a memory for the length of one explanation."""
    return encoder if isinstance(encoder, CachedEncoder) else CachedEncoder(encoder)


def unit_rows(rows: Float64[Tensor, "n d"]) -> Float64[Tensor, "n d"]:
    """Rows scaled to length 1; a row that is zero stays zero."""
    return torch.nn.functional.normalize(rows, dim=1, eps=1e-12)
