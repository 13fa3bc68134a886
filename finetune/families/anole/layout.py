"""An auto-regressive generator as a folder: what is in it, and how its parts are loaded.

| part | holds |
|---|---|
| `config.json` | `family`, `grid`, `prompt_length` and how tokens are drawn; see `AnoleConfig` |
| `vqgan/` | the image tokenizer, a diffusers `VQModel` |
| `language_model/` | a transformers folder: Chameleon at full scale, a Llama in the miniature |
| `tokenizer/` | a transformers tokenizer that names marks and image tokens as the release does |
"""

import json
from pathlib import Path
from typing import Any

import torch
from diffusers.models.autoencoders.vq_model import VQModel
from transformers import ChameleonForConditionalGeneration, LlamaForCausalLM, PreTrainedTokenizerFast

from finetune.families.anole.config import CONFIG, VQGAN
from finetune.families.strict_loading import check_report, quiet
from finetune.generator import GeneratorError

LANGUAGE_MODEL, TOKENIZER = "language_model", "tokenizer"
LANGUAGE_MODELS = {"chameleon": ChameleonForConditionalGeneration, "llama": LlamaForCausalLM}
"""By `model_type` of their configuration."""

_CONVERT = "`python -m finetune convert anole --to FOLDER vqgan=vqgan.ckpt text_tokenizer=text_tokenizer.json"
ORIGINS = {
    VQGAN: f"Convert the released files: {_CONVERT}`.",
    TOKENIZER: f"Convert the released files, with `tokenizer/text_tokenizer.json`: {_CONVERT}`.",
    LANGUAGE_MODEL: "Convert the released files, with `consolidated.pth` and `params.json` of models/7b: "
    f"{_CONVERT} language_model=consolidated.pth params=params.json`. Or put a transformers folder there, "
    "ChameleonForConditionalGeneration in safetensors.",
}
"""Where each part comes from."""


def load_vq(folder: Path) -> VQModel:
    """The image tokenizer of a generator's folder, float32 on the CPU, frozen."""
    path = _part(folder, VQGAN)
    try:
        with quiet():
            loaded: Any = VQModel.from_pretrained(
                path, local_files_only=True, use_safetensors=True, output_loading_info=True
            )
    except (OSError, ValueError, RuntimeError) as reason:
        raise GeneratorError(
            f"{path} must hold a diffusers VQModel with safetensors weights. Got: {reason}. "
            "Make it from the released `vqgan.ckpt` with finetune.families.convert."
        ) from reason
    vq, report = loaded
    check_report(report, of=path)
    if not vq.config["lookup_from_codebook"]:
        raise GeneratorError(f"`lookup_from_codebook` of the VQModel in {path} must be true. Got false.")
    return vq.float().requires_grad_(False).eval().to(memory_format=torch.channels_last)


def load_language_model(folder: Path, *, dtype: torch.dtype, device: str) -> Any:
    """The language model of a generator's folder, frozen; never code that is not in transformers."""
    path = _part(folder, LANGUAGE_MODEL)
    kind = json.loads((path / CONFIG).read_bytes()).get("model_type")
    if kind not in LANGUAGE_MODELS:
        raise GeneratorError(
            f"`model_type` of the language model in {path} must be one of: {', '.join(LANGUAGE_MODELS)}. "
            f"Got {kind!r}."
        )
    try:
        with quiet():
            model, report = LANGUAGE_MODELS[kind].from_pretrained(
                path, local_files_only=True, use_safetensors=True, dtype=dtype, output_loading_info=True
            )
    except (OSError, ValueError, RuntimeError) as reason:
        raise GeneratorError(
            f"{path} must hold a {kind} model with safetensors weights. Got: {reason}."
        ) from reason
    check_report(report, of=path)
    return model.requires_grad_(False).eval().to(device)


def load_tokenizer(folder: Path) -> PreTrainedTokenizerFast:
    """The tokenizer of text and image tokens."""
    path = _part(folder, TOKENIZER, marker="tokenizer.json")
    with quiet():
        return PreTrainedTokenizerFast.from_pretrained(path, local_files_only=True)


def _part(folder: Path, name: str, *, marker: str = CONFIG) -> Path:
    if not (folder / name / marker).is_file():
        raise GeneratorError(
            f"The folder of an auto-regressive generator must hold `{name}/{marker}`. {str(folder)!r} does not. "
            f"{ORIGINS[name]} Or make the miniature with `python -m finetune pretrain anole`."
        )
    return folder / name
