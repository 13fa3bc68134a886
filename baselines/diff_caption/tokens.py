"""How regions, marks and words become tokens of one width: a kind, a place, a normalisation."""

from enum import IntEnum

import torch
from jaxtyping import Float
from torch import Tensor, nn

from baselines.diff_caption.blocks import Norm

N_KINDS, N_PLACES = 7, 200
"""Rows of the published tables; the first kind is never used."""


class Kind(IntEnum):
    """What a token is; the numbers are published."""

    FIRST_MARK = 1
    FIRST_IMAGE = 2
    SECOND_MARK = 3
    SECOND_IMAGE = 4
    TEXT_MARK = 5
    TEXT = 6


class Placed(nn.Module):
    """Adds kind and place to tokens (yaolinli/IDC, `PositionalEmb`); marks have no place, words are scaled first."""

    pe: Tensor

    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        self.type_pe = nn.Embedding(N_KINDS, width)
        self.layernorm = Norm(width, eps=1e-12)
        self.register_buffer("pe", places(N_PLACES, width)[None])

    def forward(self, x: Float[Tensor, "n t d"], kind: Kind) -> Float[Tensor, "n t d"]:
        if kind is Kind.TEXT:
            x = x * x.shape[-1] ** 0.5
        x = x + self.type_pe.weight[int(kind)]
        if kind in (Kind.FIRST_IMAGE, Kind.SECOND_IMAGE, Kind.TEXT):
            x = x + self.pe[:, : x.shape[1]]
        return self.dropout(self.layernorm(x))


def places(length: int, width: int) -> Float[Tensor, "t d"]:
    """Sines and cosines whose exponents are 2i/d for every column i, twice those of the original transformer."""
    columns = torch.arange(width, dtype=torch.float64)
    angles = torch.arange(length, dtype=torch.float64)[:, None] / 10000 ** (2 * columns / width)
    return torch.where(columns % 2 == 0, angles.sin(), angles.cos()).float()
