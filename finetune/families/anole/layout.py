"""An auto-regressive generator as a folder: what is in it, and how its parts are loaded.

| part | holds |
|---|---|
| `config.json` | `family`, `grid`, `prompt_length` and how tokens are drawn; see `AnoleConfig` |
| `vqgan/` | the image tokenizer, a diffusers `VQModel` |
| `language_model/` | a transformers folder: Chameleon at full scale, a Llama in the miniature |
| `tokenizer/` | a transformers tokenizer that names marks and image tokens as the release does |
"""

import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import torch
from diffusers.models.autoencoders.vq_model import VQModel
from transformers import ChameleonForConditionalGeneration, LlamaForCausalLM, PreTrainedTokenizerFast

from finetune.families.diffusion.personalizer import quiet
from finetune.families.generator import GeneratorError, missing_generator
from finetune.families.loading_reports import check_report

CONFIG, VQGAN, LANGUAGE_MODEL, TOKENIZER = "config.json", "vqgan", "language_model", "tokenizer"
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


@dataclass(frozen=True, slots=True, kw_only=True)
class AnoleConfig:
    """What a generator's own configuration says; the defaults are the release's."""

    family: str = "anole"
    grid: tuple[int, int] = (32, 32)
    """Rows and columns of image tokens."""
    prompt_length: int = 192
    """Tokens before an image."""
    temperature: float = 0.7
    top_p: float = 0.9
    image_guidance: float = 1.2

    @property
    def n_tokens(self) -> int:
        """Tokens of an image."""
        return self.grid[0] * self.grid[1]


def read_config(folder: Path) -> AnoleConfig:
    """The configuration of a folder; a value that does not fit is an error."""
    try:
        given = json.loads((folder / CONFIG).read_bytes())
    except OSError as reason:
        raise missing_generator(folder, CONFIG) from reason
    known = {field.name for field in fields(AnoleConfig)}
    if not isinstance(given, dict) or given.get("family") != "anole" or set(given) - known:
        raise GeneratorError(
            f"{CONFIG} in {folder} must have family anole and no other entries than {', '.join(sorted(known))}. "
            f"Got {given!r}."
        )
    rows, columns = given.pop("grid", AnoleConfig().grid)
    return AnoleConfig(grid=(rows, columns), **given)


def write_config(folder: Path, config: AnoleConfig) -> None:
    """Write the configuration of a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    values = {field.name: getattr(config, field.name) for field in fields(config)}
    (folder / CONFIG).write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")


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
    check_report(path, report)
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
    check_report(path, report)
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
