"""Adapters on disk, ours and other people's, merged into the networks of a pipeline; safetensors only.

What a file is and where its layers belong is read by `adapter_facts.py`, before this file and without torch. Nothing is
skipped: a key that the base has no layer for is an error.
"""

import warnings
from collections.abc import Mapping
from pathlib import Path

import torch
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import StableDiffusionPipeline
from torch import Tensor, nn

from finetune.families.diffusion.adapter_facts import (
    AdapterError,
    identify,
    require_lora,
)
from finetune.families.diffusion.adapter_fits import check_fit
from finetune.families.diffusion.adapters import DOWN, UP, LowRank, has_effect, merge
from finetune.store.tensors import read_tensors, write_tensors

Networks = Mapping[str, nn.Module]
"""The networks that an adapter may change, by the names of their parts in a pipeline."""


class AdapterWithoutEffectWarning(UserWarning):
    """An adapter was loaded that leaves the base model as it is."""


def networks_of(pipeline: StableDiffusionPipeline) -> dict[str, nn.Module]:
    """What of a pipeline adapters may change."""
    return {"unet": pipeline.unet, "text_encoder": pipeline.text_encoder}


def load_adapter(networks: Networks, file: Path, *, scale: float = 1.0) -> None:
    """Merge the adapter in `file` (or a folder with one) into the weights of `networks`, `scale` times."""
    adapter = read_adapter(networks, file)
    if scale == 0 or not any(map(has_effect, adapter.values())):
        reason = "its scale is 0" if scale == 0 else "all its products are zero"
        warnings.warn(
            f"The adapter {file} leaves the base model as it is: {reason}.",
            AdapterWithoutEffectWarning,
            stacklevel=2,
        )
    for part, layers in adapter.items():
        merge(networks[part], layers, scale=scale)


def read_adapter(networks: Networks, file: Path) -> dict[str, dict[str, LowRank]]:
    """The adapter in `file`, by part and layer of `networks`; parts that it does not change are empty.

    Raises:
        AdapterError: The file is no plain LoRA, a key, a shape or a rank does not fit the networks exactly, or a
            number is not finite.
        TensorFileError: The file is no safetensors.
    """
    facts = identify(file)
    require_lora(facts)
    found = check_fit(facts, {part: _shapes(network) for part, network in networks.items()})
    tensors = read_tensors(facts.path)
    adapter: dict[str, dict[str, LowRank]] = {part: {} for part in networks}
    for (part, name), layer in found.matched.items():
        for key in (layer.down, layer.up):
            _check_finite(facts.path, key, tensors[key])
        adapter[part][name] = LowRank(tensors[layer.down], tensors[layer.up], layer.factor)
    return adapter


def write_adapter(file: Path, adapter: Mapping[str, LowRank]) -> None:
    """Write in diffusers' layout, for `pipeline.load_lora_weights(file.parent, weight_name=file.name)`.

    A factor other than 1 goes into B, so that every reader scales alike.
    """
    tensors = {}
    for layer, (down, up, factor) in adapter.items():
        tensors[f"unet.{layer}{DOWN}"] = down
        tensors[f"unet.{layer}{UP}"] = up * factor
    write_tensors(file, tensors)


def _shapes(network: nn.Module) -> dict[str, tuple[int, ...]]:
    """Shapes of the weights of a network's matrices, by layer."""
    return {
        name: tuple(module.weight.shape)
        for name, module in network.named_modules()
        if isinstance(module, nn.Linear | nn.Conv2d)
    }


def _check_finite(path: Path, key: str, tensor: Tensor) -> None:
    if not torch.isfinite(tensor.float()).all():
        raise AdapterError(
            f"Every number of an adapter must be finite. {path} has NaN or infinity in {key!r}: the file is broken, or "
            "was saved from a training that had failed. Use an earlier checkpoint of it."
        )
