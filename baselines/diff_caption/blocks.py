"""The transformer of IDC-PCL: normalised before each sum, in the parameter layout of yaolinli/IDC."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

Tokens = Float[Tensor, "n t d"]


class Transformer(nn.Module):
    """A normalisation and blocks of attention; what comes later may look back without changing what came before."""

    def __init__(self, width: int, feed_forward: int, *, heads: int, n_blocks: int, dropout: float) -> None:
        super().__init__()
        self.norm = Norm(width)
        self.layers = nn.ModuleList(_Block(width, feed_forward, heads, dropout) for _ in range(n_blocks))

    def forward(self, x: Tokens, mask: Bool[Tensor, "q k"] | None = None) -> Tokens:
        """Every token attends to those that `mask` has True for in its row; to all without a mask."""
        x = self.norm(x)
        for layer in self.layers:
            x = layer(x, x, mask)
        return x

    def inputs(self, x: Tokens) -> list[Tokens]:
        """What each block is given when `x` attends to itself alone: the past that `after` continues."""
        x = self.norm(x)
        seen: list[Tensor] = []
        for layer in self.layers:
            seen.append(x)
            x = layer(x, x, None)
        return seen

    def after(self, past: list[Float[Tensor, "n p d"]], x: Tokens) -> Tokens:
        """Tokens after a past of `inputs`; each sees the past, itself and those between."""
        length, n_past = x.shape[1], past[0].shape[1]
        mask = _backwards(length, n_past, x.device)
        x = self.norm(x)
        for layer, seen in zip(self.layers, past, strict=True):
            x = layer(x, torch.cat([seen, x], dim=1), mask)
        return x


def look_back(n_before: int, length: int, device: torch.device) -> Bool[Tensor, "q k"]:
    """Who may see whom: the first `n_before` each other, every later token those and what is not after it."""
    mask = torch.zeros(n_before + length, n_before + length, dtype=torch.bool, device=device)
    mask[:n_before, :n_before] = True
    mask[n_before:] = _backwards(length, n_before, device)
    return mask


def _backwards(length: int, n_past: int, device: torch.device) -> Bool[Tensor, "q k"]:
    return torch.ones(length, n_past + length, dtype=torch.bool, device=device).tril(n_past)


class Norm(nn.Module):
    """Layer normalisation by the unbiased standard deviation, to which `eps` is added."""

    def __init__(self, width: int, eps: float = 1e-6) -> None:
        super().__init__()
        self.a_2 = nn.Parameter(torch.ones(width))
        self.b_2 = nn.Parameter(torch.zeros(width))
        self.eps = eps

    def forward(self, x: Float[Tensor, "*n d"]) -> Float[Tensor, "*n d"]:
        mean, deviation = x.mean(dim=-1, keepdim=True), x.std(dim=-1, keepdim=True)
        return self.a_2 * (x - mean) / (deviation + self.eps) + self.b_2


class _Block(nn.Module):
    def __init__(self, width: int, feed_forward: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.attn = _Attention(width, heads, dropout)
        self.feed_forward = _FeedForward(width, feed_forward, dropout)
        self.sublayer = nn.ModuleList(_Sublayer(width, dropout) for _ in range(2))

    def forward(self, x: Tensor, seen: Tensor, mask: Tensor | None) -> Tensor:
        first, second = self.sublayer
        assert isinstance(first, _Sublayer) and isinstance(second, _Sublayer)
        x = x + first.dropout(self.attn(first.norm(x), first.norm(seen), mask))
        return x + second.dropout(self.feed_forward(second.norm(x)))


class _Sublayer(nn.Module):
    """What stands around attention and around the feed-forward network."""

    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.norm = Norm(width)
        self.dropout = nn.Dropout(dropout)


class _Attention(nn.Module):
    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.q_linear, self.v_linear, self.k_linear, self.out = (nn.Linear(width, width) for _ in range(4))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, seen: Tensor, mask: Tensor | None) -> Tensor:
        projected = self.q_linear(x), self.k_linear(seen), self.v_linear(seen)
        query, key, value = (p.unflatten(-1, (self.heads, -1)).transpose(1, 2) for p in projected)
        scores = query @ key.transpose(-1, -2) / query.shape[-1] ** 0.5
        if mask is not None:
            scores = scores.masked_fill(~mask, -torch.inf)
        return self.out((self.dropout(scores.softmax(dim=-1)) @ value).transpose(1, 2).flatten(2))


class _FeedForward(nn.Module):
    def __init__(self, width: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.w_1 = nn.Linear(width, hidden)
        self.w_2 = nn.Linear(hidden, width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        return self.w_2(self.dropout(self.w_1(x).relu()))
