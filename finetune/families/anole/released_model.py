"""Anole's released language model, `consolidated.pth`, as the transformers folder that `layout.py` loads.

Key map and permutation are facts of transformers' own script, `convert_chameleon_weights_to_hf.py`
(huggingface/transformers @0197608, not in its wheels): the release rotates neighbouring entries of a head by
their position, transformers rotates an entry with the one half a head further, so even entries come first here.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from diffusers.models.autoencoders.vq_model import VQModel
from torch import Tensor
from transformers import ChameleonConfig, ChameleonForConditionalGeneration

from finetune.families.anole.vqgan import to_released
from finetune.families.convert import ConversionError, read_published

_WHOLE = {
    "model.embed_tokens.weight": "tok_embeddings.weight",
    "model.norm.weight": "norm.weight",
    "lm_head.weight": "output.weight",
}
_OF_LAYER = {
    "self_attn.v_proj.weight": "attention.wv.weight",
    "self_attn.o_proj.weight": "attention.wo.weight",
    "mlp.gate_proj.weight": "feed_forward.w1.weight",
    "mlp.down_proj.weight": "feed_forward.w2.weight",
    "mlp.up_proj.weight": "feed_forward.w3.weight",
    "input_layernorm.weight": "attention_norm.weight",
    "post_attention_layernorm.weight": "ffn_norm.weight",
}
_IMAGE, _RESERVED = "<image>", "<reserved08707>"
"""Transformers' mark for an image in a text, and the released token that its script renames to it."""


def convert_language_model(files: Mapping[str, Path], vq: VQModel, folder: Path) -> None:
    """Write `ChameleonForConditionalGeneration` from `language_model`, `params` and `text_tokenizer`.

    The release is one file of about 14 GB (bfloat16); so much memory is needed, and as much room on the disk.
    """
    params, vocabulary = _params(files["params"]), _vocabulary(files["text_tokenizer"])
    released = read_published(files["language_model"])
    try:
        n_layers, head = int(params["n_layers"]), len(released["layers.0.attention.q_normalization.weight"])
        config = _config(params, released, head=head, vq=vq, vocabulary=vocabulary)
        tensors = {name: released[given] for name, given in _WHOLE.items()}
        for layer in range(n_layers):
            tensors |= _layer(released, layer, head=head)
    except KeyError as missing:
        raise ConversionError(
            f"A language model must have the released keys of Anole, and its params those of params.json. Without: "
            f"{missing}. Give `consolidated.pth` and `params.json` of `models/7b`."
        ) from missing
    tensors |= {
        f"model.vqmodel.{name}": tensor
        for name, tensor in to_released(vq).items()
        if not name.startswith("decoder.")
    }
    with torch.device("meta"):
        model = ChameleonForConditionalGeneration(config)
    try:
        model.load_state_dict(tensors, strict=True, assign=True)
    except RuntimeError as reason:
        raise ConversionError(
            f"The language model's tensors must fit each other. Got: {' '.join(str(reason).split())} "
            "Give the four files of one release."
        ) from reason
    model.save_pretrained(folder)


def _config(
    params: Mapping[str, Any],
    released: Mapping[str, Tensor],
    *,
    head: int,
    vq: VQModel,
    vocabulary: dict[str, int],
) -> ChameleonConfig:
    n_words, width = released["tok_embeddings.weight"].shape
    return ChameleonConfig(
        vocab_size=n_words,
        hidden_size=width,
        intermediate_size=released["layers.0.feed_forward.w1.weight"].shape[0],
        num_hidden_layers=int(params["n_layers"]),
        num_attention_heads=width // head,
        num_key_value_heads=released["layers.0.attention.wk.weight"].shape[0] // head,
        rms_norm_eps=params["norm_eps"],
        rope_parameters={"rope_type": "default", "rope_theta": params.get("rope_theta", 10000.0)},
        swin_norm=params["swin_norm"],
        vq_config=_vq_config(vq),
        vocabulary_map=vocabulary,
    )


def _layer(released: Mapping[str, Tensor], layer: int, *, head: int) -> dict[str, Tensor]:
    here, there = f"model.layers.{layer}.", f"layers.{layer}."
    tensors = {f"{here}{name}": released[f"{there}{given}"] for name, given in _OF_LAYER.items()}
    for letter in ("q", "k"):
        projection = released[f"{there}attention.w{letter}.weight"]
        tensors[f"{here}self_attn.{letter}_proj.weight"] = _even_first(projection, head)
        for kind in ("weight", "bias"):
            shared = _even_first(released[f"{there}attention.{letter}_normalization.{kind}"], head)
            own = shared.expand(len(projection) // head, head).clone()  # one row for each head
            tensors[f"{here}self_attn.{letter}_norm.{kind}"] = own
    return tensors


def _even_first(rows: Tensor, head: int) -> Tensor:
    """The rows of every head, the even ones before the odd ones."""
    return rows.unflatten(0, (-1, head // 2, 2)).transpose(1, 2).flatten(0, 2)


def _vq_config(vq: VQModel) -> dict[str, Any]:
    """The image encoder that transformers keeps in the language model."""
    config, channels = vq.config, vq.config["block_out_channels"]
    return {
        "embed_dim": config["vq_embed_dim"],
        "num_embeddings": config["num_vq_embeddings"],
        "latent_channels": config["latent_channels"],
        "base_channels": channels[0],
        "channel_multiplier": [width // channels[0] for width in channels],
        "num_res_blocks": config["layers_per_block"],
    }


def _params(path: Path) -> Mapping[str, Any]:
    params = _json(path)
    return params.get("model", params)


def _vocabulary(path: Path) -> dict[str, int]:
    """The tokenizer's, with transformers' name for the mark of an image."""
    try:
        vocabulary = dict(_json(path)["model"]["vocab"])
        vocabulary[_IMAGE] = vocabulary.pop(_RESERVED)
    except (KeyError, TypeError, ValueError) as missing:
        raise ConversionError(
            f"A tokenizer must have a vocabulary with {_RESERVED!r}, as the release has. {str(path)!r} has none. "
            "Give `text_tokenizer.json`."
        ) from missing
    return vocabulary


def _json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as reason:
        raise ConversionError(f"{path} must be a readable JSON file. Got: {reason}.") from reason
    if not isinstance(content, dict):
        raise ConversionError(f"{path} must hold a JSON object. Got {type(content).__name__}.")
    return content
