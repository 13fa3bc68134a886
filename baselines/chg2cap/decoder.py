"""Fusion of two feature maps under a cosine mask, and the decoder that puts their difference in words."""

import math

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from baselines.chg2cap.architecture import Architecture

_LEARNED_POSITIONS = 52
"""Rows of a position table that the published decoder has and does not use."""


class Decoder(nn.Module):
    """Pairs of maps and the words so far to scores of the next word (ShizhenChang/Chg2Cap, model/model_decoder.py).

    The decoder sees no word after the one it continues, so that padding needs no mask of its own.
    """

    def __init__(self, architecture: Architecture, n_words: int) -> None:
        super().__init__()
        width = architecture.feature_width
        self.Conv1 = nn.Conv2d(2 * architecture.backbone.out_channels, width, 1)
        self.LN = _ResidualBlock(width)
        self.vocab_embedding = nn.Embedding(n_words, width)
        self.transformer = _Stack(architecture)
        self.position_encoding = _Positions(architecture)
        self.wdc = nn.Linear(width, n_words)
        self.dropout = nn.Dropout(architecture.dropout)
        nn.init.uniform_(self.vocab_embedding.weight, -0.1, 0.1)
        nn.init.uniform_(self.wdc.weight, -0.1, 0.1)
        nn.init.zeros_(self.wdc.bias)

    def fuse(self, one: Float[Tensor, "n c i j"], two: Float[Tensor, "n c i j"]) -> Float[Tensor, "k n f"]:
        """Both maps side by side, raised where they agree by their cosine, as one memory of k positions."""
        alike = torch.cosine_similarity(one, two, dim=1)[:, None]
        fused = self.LN(self.Conv1(torch.cat([one, two], dim=1) + alike))
        return fused.flatten(2).permute(2, 0, 1)

    def forward(self, memory: Float[Tensor, "k n f"], words: Int[Tensor, "n t"]) -> Float[Tensor, "n t v"]:
        """Scores of the word that follows each of `words`."""
        said = self.position_encoding(self.vocab_embedding(words).transpose(0, 1))
        heard = self.transformer(said, memory)
        return self.wdc(self.dropout(heard)).transpose(0, 1)


class _ResidualBlock(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        half = width // 2
        self.left = nn.Sequential(
            nn.Conv2d(width, half, 1),
            nn.BatchNorm2d(half),
            nn.ReLU(),
            nn.Conv2d(half, half, 3, padding=1),
            nn.BatchNorm2d(half),
            nn.ReLU(),
            nn.Conv2d(half, width, 1),
            nn.BatchNorm2d(width),
        )

    def forward(self, x: Tensor) -> Tensor:
        return (self.left(x) + x).relu()


class _Positions(nn.Module):
    pe: Tensor

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        width = architecture.feature_width
        self.dropout = nn.Dropout(architecture.dropout)
        self.register_buffer("pe", sinusoids(architecture.max_length, width)[:, None])
        self.embedding_1D = nn.Embedding(_LEARNED_POSITIONS, width)

    def forward(self, x: Float[Tensor, "t n f"]) -> Float[Tensor, "t n f"]:
        return self.dropout(x + self.pe[: len(x)])


def sinusoids(length: int, width: int) -> Float[Tensor, "t f"]:
    """Sines and cosines of geometrically falling frequencies, in turn."""
    rates = torch.exp(torch.arange(0, width, 2).float() * (-math.log(10000.0) / width))
    angles = torch.arange(length, dtype=torch.float32)[:, None] * rates
    return torch.stack([angles.sin(), angles.cos()], dim=2).flatten(1)


class _Stack(nn.Module):
    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        width = architecture.feature_width
        self.layers = nn.ModuleList(
            nn.TransformerDecoderLayer(width, architecture.heads, 4 * width, architecture.dropout)
            for _ in range(architecture.decoder_layers)
        )
        # The published layers have these and never use them; a checkpoint is loaded strictly.
        for layer in self.layers:
            for number in (1, 2, 3):
                layer.register_module(f"fc_alpha{number}", nn.Linear(2 * width, width))

    def forward(self, x: Tensor, memory: Tensor) -> Tensor:
        ahead = torch.ones(len(x), len(x), dtype=torch.bool, device=x.device).triu(1)
        for layer in self.layers:
            x = layer(x, memory, tgt_mask=ahead) + x  # as published, beside the sums within the layer
        return x
