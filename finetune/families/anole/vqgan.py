"""The image tokenizer in two layouts: that of the released `vqgan.ckpt`, and diffusers' `VQModel` that hosts it.

The release keeps taming's names (GAIR-NLP/anole `chameleon/inference/vqgan.py`); both have the same tensors, one by
one, except that attention's 1×1 convolutions are linear layers here.
"""

import re
from collections.abc import Mapping
from typing import Any

import torch
from diffusers.models.autoencoders.vq_model import VQModel
from torch import Tensor

from finetune.families.strict_loading import check_exactly
from finetune.generator import GeneratorError

N_TENSORS = 293
"""Of the released image tokenizer."""
NORM_GROUPS = 32
"""Of taming's group normalisation, at any width."""
_TRAINING_ONLY = "loss."
_ATTENTION = {"group_norm": "norm", "to_q": "q", "to_k": "k", "to_v": "v", "to_out.0": "proj_out"}
_MATRIX = re.compile(r"\.attn_1\.(q|k|v|proj_out)\.weight$")


def vq_config(
    channels: tuple[int, ...] = (128, 128, 256, 256, 512),
    *,
    n_codes: int = 8192,
    code_width: int = 256,
    latent_channels: int = 256,
    layers_per_block: int = 2,
) -> dict[str, Any]:
    """What `VQModel` is built with; the defaults are the released model's, 512 pixels to 32×32 codes."""
    return {
        "down_block_types": ["DownEncoderBlock2D"] * len(channels),
        "up_block_types": ["UpDecoderBlock2D"] * len(channels),
        "block_out_channels": list(channels),
        "layers_per_block": layers_per_block,
        "latent_channels": latent_channels,
        "num_vq_embeddings": n_codes,
        "vq_embed_dim": code_width,
        "norm_num_groups": NORM_GROUPS,
        "lookup_from_codebook": True,
    }


def config_of(released: Mapping[str, Tensor]) -> dict[str, Any]:
    """The configuration of a checkpoint in the released layout, read from the shapes of its tensors."""
    try:
        n_levels = _count(released, r"encoder\.down\.(\d+)\.")
        n_codes, code_width = released["quantize.embedding.weight"].shape
        return vq_config(
            tuple(released[f"encoder.down.{i}.block.0.conv1.weight"].shape[0] for i in range(n_levels)),
            n_codes=n_codes,
            code_width=code_width,
            latent_channels=released["encoder.conv_out.weight"].shape[0],
            layers_per_block=_count(released, r"encoder\.down\.0\.block\.(\d+)\."),
        )
    except (KeyError, ValueError) as reason:
        raise GeneratorError(
            "An image tokenizer must have the tensors of the released `vqgan.ckpt`. "
            f"Got {len(released)} tensors without {reason}. Give the `state_dict` of that file."
        ) from reason


def released_key(name: str, n_levels: int) -> str:
    """The released checkpoint's name for a tensor of `VQModel`."""
    part, _, rest = name.partition(".")
    if part not in ("encoder", "decoder"):
        return name
    for pattern, renamed in (
        (r"^(down|up)_blocks\.(\d+)\.resnets\.", lambda m: f"{m[1]}.{_level(m, n_levels)}.block."),
        (
            r"^(down|up)_blocks\.(\d+)\.(downsample|upsample)rs\.0\.",
            lambda m: f"{m[1]}.{_level(m, n_levels)}.{m[3]}.",
        ),
        (r"^mid_block\.resnets\.(\d+)\.", lambda m: f"mid.block_{int(m[1]) + 1}."),
        (
            r"^mid_block\.attentions\.0\.(.+)\.(weight|bias)$",
            lambda m: f"mid.attn_1.{_ATTENTION[m[1]]}.{m[2]}",
        ),
        (r"^conv_norm_out\.", "norm_out."),
        (r"\.conv_shortcut\.", ".nin_shortcut."),
    ):
        rest = re.sub(pattern, renamed, rest)
    return f"{part}.{rest}"


def from_released(released: Mapping[str, Tensor]) -> VQModel:
    """The hosted image tokenizer of a checkpoint in the released layout; every tensor must find its place."""
    tensors = {name: tensor for name, tensor in released.items() if not name.startswith(_TRAINING_ONLY)}
    with torch.device("meta"):
        vq = VQModel(**config_of(tensors))
    advice = "Give the `state_dict` of `vqgan.ckpt`."
    check_exactly(tensors, to_released(vq), of="an image tokenizer in the released layout", advice=advice)
    found = {
        place: tensors[name].flatten(1) if _MATRIX.search(name) else tensors[name]
        for name, place in _places(vq).items()
    }
    vq.load_state_dict(found, strict=True, assign=True)
    return vq.requires_grad_(False).eval()


def to_released(vq: VQModel) -> dict[str, Tensor]:
    """The tensors of a hosted image tokenizer under the names and shapes of the release."""
    state = vq.state_dict()
    tensors = {name: state[place] for name, place in _places(vq).items()}
    return {n: t[:, :, None, None] if _MATRIX.search(n) else t for n, t in tensors.items()}


def _places(vq: VQModel) -> dict[str, str]:
    """Name in the release to name in `VQModel`."""
    n_levels = len(vq.config["block_out_channels"])
    return {released_key(name, n_levels): name for name in vq.state_dict()}


def _level(found: re.Match[str], n_levels: int) -> int:
    """Taming counts the decoder's levels from the finest, diffusers from the coarsest."""
    index = int(found[2])
    return index if found[1] == "down" else n_levels - 1 - index


def _count(released: Mapping[str, Tensor], pattern: str) -> int:
    return len({match[1] for name in released if (match := re.match(pattern, name))})
