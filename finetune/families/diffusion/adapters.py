"""Low-rank adapters on a U-Net's attention (LoRA, through `peft`): what is trained, and how it is scaled.

An adapter adds factor·B·A to a weight W. It trains beside the frozen base and is sampled merged into it, as
W + scale·factor·B·A: scale 0 is the base model to the byte, 1 the adapter as trained, and what lies between is a
second exact ground truth of level, beside the number of training steps.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

import torch
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from peft import LoraConfig, inject_adapter_in_model
from torch import Tensor, nn

from finexl.errors import InvalidInputError

TARGETS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"lora": ("to_q", "to_k", "to_v", "to_out.0"), "finestyle": ("attn2.to_k", "attn2.to_v")}
)
"""What each method adapts: all attention projections, or the keys and values of cross-attention (FineStyle)."""

DOWN, UP = ".lora_A.weight", ".lora_B.weight"
_NAME = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class AdapterLayout:
    """Where adapters sit and how large they are."""

    targets: tuple[str, ...]
    """Ends of the names of the layers that get one."""
    rank: int = 4
    """Width of the narrow side of A and B; alpha equals it, so that B·A counts once."""

    def __post_init__(self) -> None:
        if self.rank < 1 or not self.targets:
            raise InvalidInputError(
                f"An adapter needs a rank of at least 1 and a target. Got {self.rank} and {self.targets!r}."
            )


class LowRank(NamedTuple):
    """The adapter of one layer: its weight changes by factor · up · down."""

    down: Tensor
    """A: (rank, inputs), with the kernel's size behind for a convolution."""
    up: Tensor
    """B: (outputs, rank)."""
    factor: float
    """How often B·A counts; 1 for adapters that were trained here."""


def inject(unet: UNet2DConditionModel, layout: AdapterLayout, *, seed: int) -> None:
    """Freeze `unet` and put trainable adapters into it; B starts at zero, so nothing changes yet."""
    config = LoraConfig(
        r=layout.rank,
        lora_alpha=layout.rank,
        target_modules=list(layout.targets),
    )
    with torch.random.fork_rng(devices=[]):  # peft draws A from the global chance, which is given back
        torch.manual_seed(seed)
        inject_adapter_in_model(config, unet, adapter_name=_NAME)


def adapter_tensors(unet: nn.Module) -> dict[str, Tensor]:
    """The live parameters of injected adapters, as `<layer>.lora_A.weight` and `<layer>.lora_B.weight`."""
    marked = f".{_NAME}.weight"
    return {
        name.removesuffix(marked) + ".weight": parameter
        for name, parameter in unet.named_parameters()
        if name.endswith(marked) and ".lora_" in name
    }


def adapter_of(tensors: Mapping[str, Tensor]) -> dict[str, LowRank]:
    """Layers and their adapters, from tensors named as `adapter_tensors` names them."""
    layers = [name.removesuffix(DOWN) for name in tensors if name.endswith(DOWN)]
    return {layer: LowRank(tensors[layer + DOWN], tensors[layer + UP], 1.0) for layer in layers}


@torch.no_grad()
def merge(unet: nn.Module, adapter: Mapping[str, LowRank], *, scale: float = 1.0) -> None:
    """Add `scale` times the adapter to the weights of `unet`; 0 leaves them as they are, bit for bit."""
    if scale == 0:
        return
    for layer, (down, up, factor) in adapter.items():
        weight = unet.get_submodule(layer).weight
        assert isinstance(weight, Tensor)
        shaped = (scale * factor * _product(down, up)).reshape(weight.shape)
        # In double, so that half the scale is half the change, also where weights are many times larger than it.
        weight.copy_(weight.double() + shaped.to(weight.device))


def has_effect(adapter: Mapping[str, LowRank]) -> bool:
    """At least one layer's weight changes."""
    return any(factor != 0 and bool(_product(down, up).any()) for down, up, factor in adapter.values())


def _product(down: Tensor, up: Tensor) -> Tensor:
    """B·A as a matrix."""
    return up.double().flatten(1) @ down.double().flatten(1)
