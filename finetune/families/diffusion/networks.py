"""The three networks of a Stable Diffusion folder, each of which must hold exactly the weights of its configuration.

Libraries fill missing tensors at random and drop unknown ones; here both are errors. Old names that they know how to
translate (attention of early VAEs, prefixes of text encoders) are not unknown.
"""

import re
from pathlib import Path
from types import MappingProxyType
from typing import Any

import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from transformers import CLIPTextModel

from finetune.families.strict_loading import check_report

NETWORKS = MappingProxyType(
    {"unet": UNet2DConditionModel, "vae": AutoencoderKL, "text_encoder": CLIPTextModel}
)
"""What each part of a Stable Diffusion pipeline is."""

_FULL = re.compile(r"(model|diffusion_pytorch_model)(-\d+-of-\d+)?\.safetensors")
_COUNTED = "position_ids"
"""Old text encoders store the numbers 0, 1, 2, ... under this name; they are no weights."""


def load_networks(folder: Path) -> dict[str, Any]:
    """The networks of a pipeline's folder by the names of their parts, in float32 from local safetensors alone."""
    return {part: _loaded(folder / part) for part in NETWORKS}


def _loaded(path: Path) -> Any:
    of: Any = NETWORKS[path.name]
    # Without this transformers raises at the first shape that differs, and does not tell the others.
    reported = {"ignore_mismatched_sizes": True} if path.name == "text_encoder" else {}
    network, report = of.from_pretrained(
        path,
        dtype=torch.float32,
        variant=_variant(path),
        local_files_only=True,
        use_safetensors=True,
        output_loading_info=True,
        **reported,
    )
    check_report(report, of=path, counted=(_COUNTED,))
    return network


def _variant(path: Path) -> str | None:
    """`fp16` where half precision is all that was downloaded; other variants are not asked for."""
    names = [file.name for file in path.glob("*.safetensors")]
    has_full = any(_FULL.fullmatch(name) for name in names)
    return "fp16" if not has_full and any(".fp16" in name for name in names) else None
