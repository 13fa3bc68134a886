"""Taming's VQ model as plain arithmetic on a checkpoint in the published layout, written for these tests."""

import torch
from torch import Tensor
from torch.nn.functional import conv2d, group_norm, interpolate, pad, silu

State = dict[str, Tensor]


def random_checkpoint(
    channels: tuple[int, ...], *, codes: tuple[int, int] = (8192, 256), device: str = "cpu"
) -> State:
    """Every tensor of the release, at any width: two residual blocks per level, three in the decoder."""
    state: State = {}
    chance = torch.Generator().manual_seed(0)
    latent = codes[1]

    def tensor(name: str, *shape: int) -> None:
        fan_in = max(1, int(torch.tensor(shape[1:]).prod())) if len(shape) > 1 else 4
        drawn = torch.empty(shape, device=device)
        state[name] = drawn if device == "meta" else drawn.normal_(0, fan_in**-0.5, generator=chance)

    def conv(name: str, into: int, out: int, size: int) -> None:
        tensor(f"{name}.weight", out, into, size, size)
        tensor(f"{name}.bias", out)

    def norm(name: str, width: int) -> None:
        tensor(f"{name}.weight", width)
        tensor(f"{name}.bias", width)

    def residual(name: str, into: int, out: int) -> None:
        norm(f"{name}.norm1", into)
        conv(f"{name}.conv1", into, out, 3)
        norm(f"{name}.norm2", out)
        conv(f"{name}.conv2", out, out, 3)
        if into != out:
            conv(f"{name}.nin_shortcut", into, out, 1)

    def middle(name: str, width: int) -> None:
        residual(f"{name}.block_1", width, width)
        norm(f"{name}.attn_1.norm", width)
        for part in ("q", "k", "v", "proj_out"):
            conv(f"{name}.attn_1.{part}", width, width, 1)
        residual(f"{name}.block_2", width, width)

    conv("encoder.conv_in", 3, channels[0], 3)
    width = channels[0]
    for level, out in enumerate(channels):
        for block in range(2):
            residual(f"encoder.down.{level}.block.{block}", width, out)
            width = out
        if level < len(channels) - 1:
            conv(f"encoder.down.{level}.downsample.conv", width, width, 3)
    middle("encoder.mid", width)
    norm("encoder.norm_out", width)
    conv("encoder.conv_out", width, latent, 3)

    conv("decoder.conv_in", latent, width, 3)
    middle("decoder.mid", width)
    for level in reversed(range(len(channels))):
        for block in range(3):
            residual(f"decoder.up.{level}.block.{block}", width, channels[level])
            width = channels[level]
        if level:
            conv(f"decoder.up.{level}.upsample.conv", width, width, 3)
    norm("decoder.norm_out", width)
    conv("decoder.conv_out", width, 3, 3)

    tensor("quantize.embedding.weight", *codes)
    conv("quant_conv", latent, latent, 1)
    conv("post_quant_conv", latent, latent, 1)
    return state


def encode(state: State, images: Tensor) -> Tensor:
    """Vectors (b, d, h, w) before quantisation."""
    hidden = _conv(state, "encoder.conv_in", images)
    for level in range(_levels(state)):
        for block in range(2):
            hidden = _residual(state, f"encoder.down.{level}.block.{block}", hidden)
        name = f"encoder.down.{level}.downsample.conv"
        if f"{name}.weight" in state:
            hidden = conv2d(
                pad(hidden, (0, 1, 0, 1)), state[f"{name}.weight"], state[f"{name}.bias"], stride=2
            )
    hidden = _middle(state, "encoder.mid", hidden)
    return _conv(
        state, "quant_conv", _conv(state, "encoder.conv_out", silu(_norm(state, "encoder.norm_out", hidden)))
    )


def nearest(state: State, vectors: Tensor) -> Tensor:
    """Codes (b, h, w) by the full table of distances."""
    rows = vectors.permute(0, 2, 3, 1)
    distances = (rows[..., None, :] - state["quantize.embedding.weight"]).square().sum(dim=-1)
    return distances.argmin(dim=-1)


def decode(state: State, codes: Tensor) -> Tensor:
    """Pixels (b, 3, H, W) of codes (b, h, w)."""
    hidden = state["quantize.embedding.weight"][codes].permute(0, 3, 1, 2)
    hidden = _conv(state, "decoder.conv_in", _conv(state, "post_quant_conv", hidden))
    hidden = _middle(state, "decoder.mid", hidden)
    for level in reversed(range(_levels(state))):
        for block in range(3):
            hidden = _residual(state, f"decoder.up.{level}.block.{block}", hidden)
        if level:
            hidden = _conv(state, f"decoder.up.{level}.upsample.conv", interpolate(hidden, scale_factor=2.0))
    return _conv(state, "decoder.conv_out", silu(_norm(state, "decoder.norm_out", hidden)))


def _levels(state: State) -> int:
    return len({name.split(".")[2] for name in state if name.startswith("encoder.down.")})


def _conv(state: State, name: str, hidden: Tensor) -> Tensor:
    weight = state[f"{name}.weight"]
    return conv2d(hidden, weight, state[f"{name}.bias"], padding=weight.shape[-1] // 2)


def _norm(state: State, name: str, hidden: Tensor) -> Tensor:
    return group_norm(hidden, 32, state[f"{name}.weight"], state[f"{name}.bias"], eps=1e-6)


def _residual(state: State, name: str, hidden: Tensor) -> Tensor:
    inner = _conv(state, f"{name}.conv1", silu(_norm(state, f"{name}.norm1", hidden)))
    inner = _conv(state, f"{name}.conv2", silu(_norm(state, f"{name}.norm2", inner)))
    shortcut = f"{name}.nin_shortcut"
    return inner + (_conv(state, shortcut, hidden) if f"{shortcut}.weight" in state else hidden)


def _middle(state: State, name: str, hidden: Tensor) -> Tensor:
    hidden = _residual(state, f"{name}.block_1", hidden)
    normed = _norm(state, f"{name}.attn_1.norm", hidden)
    query, key, value = (_conv(state, f"{name}.attn_1.{part}", normed).flatten(2) for part in ("q", "k", "v"))
    weights = (query.transpose(1, 2) @ key * query.shape[1] ** -0.5).softmax(dim=2)
    mixed = (value @ weights.transpose(1, 2)).view(hidden.shape)
    hidden = hidden + _conv(state, f"{name}.attn_1.proj_out", mixed)
    return _residual(state, f"{name}.block_2", hidden)
