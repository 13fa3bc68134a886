"""The attentive encoder: attention within each image, then over both, layer by layer (arXiv 2304.01091 §III-B)."""

from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from baselines.chg2cap.architecture import Architecture

Maps = Float[Tensor, "n c i j"]


class AttentiveEncoder(nn.Module):
    """Lets the two feature maps of a pair attend to themselves and to each other.

    Names and order of operations are those of ShizhenChang/Chg2Cap (model/model_encoder.py). There, the table named
    for the height is looked up by column and the one for the width by row, and the maps come out with rows and
    columns exchanged; trained weights depend on both, so both are kept.
    """

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        channels = architecture.backbone.out_channels
        self.h_embedding = nn.Embedding(architecture.grid, channels // 2)
        self.w_embedding = nn.Embedding(architecture.grid, channels // 2)
        self.selftrans = nn.ModuleList(
            nn.ModuleList([_Block(channels, architecture), _Block(2 * channels, architecture)])
            for _ in range(architecture.n_layers)
        )
        for parameter in self.parameters():
            if parameter.dim() > 1:
                nn.init.xavier_uniform_(parameter)

    def forward(self, first: Maps, second: Maps) -> tuple[Maps, Maps]:
        """Both maps, attended; rows and columns are exchanged."""
        n, channels, rows, columns = first.shape
        positions = self._positions(rows, columns)
        start_one, start_two = ((x.flatten(2) + positions).transpose(1, 2) for x in (first, second))
        one, two = start_one, start_two
        for layer in self.selftrans:
            assert isinstance(layer, nn.ModuleList)
            within, across = layer
            one, two = within(one) + one, within(two) + two
            both = across(torch.cat([one, two], dim=-1))
            one, two = both[..., :channels] + start_one, both[..., channels:] + start_two
        return tuple(x.reshape(n, rows, columns, channels).transpose(1, 3) for x in (one, two))  # pyright: ignore[reportReturnType]  # two

    def _positions(self, rows: int, columns: int) -> Float[Tensor, "c k"]:
        device = self.h_embedding.weight.device
        by_column = self.h_embedding(torch.arange(columns, device=device)).expand(rows, -1, -1)
        by_row = self.w_embedding(torch.arange(rows, device=device))[:, None].expand(-1, columns, -1)
        return torch.cat([by_column, by_row], dim=-1).permute(2, 0, 1).flatten(1)


class _Block(nn.Module):
    """Attention and a feed-forward network, each with its sum normalised afterwards."""

    def __init__(self, channels: int, architecture: Architecture) -> None:
        super().__init__()
        self.att = _Attention(channels, architecture)
        self.feedforward = _FeedForward(channels, architecture.feed_forward, architecture.dropout)
        self.norm1 = nn.LayerNorm(channels)
        self.norm2 = nn.LayerNorm(channels)

    def forward(self, x: Float[Tensor, "n k c"]) -> Float[Tensor, "n k c"]:
        x = self.norm1(self.att(x) + x)
        return self.norm2(self.feedforward(x) + x)


class _Attention(nn.Module):
    def __init__(self, channels: int, architecture: Architecture) -> None:
        super().__init__()
        width = architecture.attention_width
        self.heads = architecture.heads
        self.values_from: Literal["keys", "values"] = architecture.values_from
        self.to_q = nn.Linear(channels, width, bias=False)
        self.to_k = nn.Linear(channels, width, bias=False)
        self.to_v = nn.Linear(channels, width, bias=False)
        self.to_out = nn.Sequential(nn.Linear(width, channels), nn.Dropout(architecture.dropout))
        self.dropout = nn.Dropout(architecture.dropout)

    def forward(self, x: Float[Tensor, "n k c"]) -> Float[Tensor, "n k c"]:
        projected = (self.to_q(x), self.to_k(x), (self.to_k if self.values_from == "keys" else self.to_v)(x))
        query, key, value = (p.unflatten(-1, (self.heads, -1)).transpose(1, 2) for p in projected)
        weights = (query @ key.transpose(-1, -2) * query.shape[-1] ** -0.5).softmax(dim=-1)
        return self.to_out((self.dropout(weights) @ value).transpose(1, 2).flatten(2))


class _FeedForward(nn.Module):
    def __init__(self, channels: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(channels, hidden),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(hidden, channels),
            nn.Dropout(dropout),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x)
