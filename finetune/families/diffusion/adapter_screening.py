"""What an adapter's file is where it is no adapter that can be merged, by its name, header and configuration.

Everybody who is given an adapter looks here first, before `adapter_facts.py` reads it for merging; so what is told of
other people's files can grow, while what decides a merged model stays as it is. This file does not need torch.
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from finetune.families.diffusion.adapter_facts import (
    ANEW,
    DIFFUSERS_FILE,
    PEFT_CONFIG,
    PEFT_FILE,
    AdapterError,
    AdapterFacts,
)
from finetune.families.diffusion.adapter_names import PEFT_PREFIX, kind_of
from finetune.store.other_files import refuse_other_files
from finetune.store.tensor_headers import TensorFileError, TensorHeader, read_header, read_numbers

UNKNOWN = "unknown"
TRANSFORMER, LANGUAGE_MODEL = "a diffusion transformer", "a language model"
"""Bases of no family that is told further."""
_SUFFIX = ".safetensors"
_SHOWN = 5
_FLOATS = ("F64", "F32", "F16", "BF16", "F8_E4M3", "F8_E5M2")
_OF_MATRIX = re.compile(r"[._](lora_)?(down|up|A|B)(\.default)?\.weight$")
_CHANGING = re.compile(r"pissa|olora|corda|loftq", re.IGNORECASE)
"""Ways to begin a training by which the base's own weights change, so that the adapter alone is another model."""

_METHODS: tuple[tuple[str, str], ...] = (
    (r"\.lora_E(\.|$)", "AdaLoRA"),
    (r"\.fourierft_", "FourierFT"),
    (r"\.(bone|miss)_", "Bone"),
    (r"\.hra_u", "HRA"),
    (r"\.vblora_", "VB-LoRA"),
    (r"\.randlora_", "RandLoRA"),
    (r"^(image_proj|ip_adapter)\.", "IP-Adapter"),
    (r"^(control_model\.|controlnet_|lora_controlnet$|input_hint_block\.)", "ControlNet"),
)
_NETWORKS: tuple[tuple[str, str], ...] = (
    (r"^base_model\.model\.", "an adapter of peft in another method than LoRA"),
    (r"^(model\.diffusion_model|first_stage_model|cond_stage_model|conditioner)\.", "a whole checkpoint"),
    (r"^((encoder|decoder)\.(down|up|mid|conv_in)|(post_)?quant_conv\.)", "an autoencoder (VAE)"),
    (r"(^|\.)(down_blocks|encoder\.layers|input_blocks|double_blocks|joint_blocks)\.\d", "a whole network"),
    (r"^((single_)?transformer_blocks|blocks|layers|model\.layers)\.\d", "a whole network"),
)
"""What files are that nothing calls an adapter, by what one of their keys holds."""
_FUSED = (
    "It would be another model if that were left out. Load it with the program that it is for, fuse it into the base, "
    "save the whole pipeline (diffusers: `load_lora_weights`, `fuse_lora`, `unload_lora_weights`, `save_pretrained`) "
    "and give that folder."
)
_BY_PICTURE = "It draws by a picture beside the prompt, so there is nothing to merge. Give a LoRA."
_ADVICE: Mapping[str, str] = {
    **{method: _FUSED for _, method in _METHODS},
    "an adapter of peft in another method than LoRA": _FUSED,
    "ControlNet": _BY_PICTURE,
    "IP-Adapter": _BY_PICTURE,
    "textual inversion": "It adds words and changes no weights. Load it with the program that it is for, save the "
    "whole pipeline (diffusers: `load_textual_inversion`, `save_pretrained`) and give that folder as the model.",
    "an autoencoder (VAE)": "It is a part of a pipeline: put it into the `vae` of a diffusers folder and give that as "
    "the model.",
    "a whole network": "It stands by itself. Convert it to a diffusers folder and give that as the model.",
}
"""What to do with kinds of files of which `adapter_facts` says less."""
_TRANSFORMER_KEY = re.compile(
    r"^(transformer\.|lora_transformer_|diffusion_model\.)"
    r"|^lora_unet_((joint|single|double|transformer|single_transformer)_)?(blocks|layers)_\d"
)
_LANGUAGE_KEY = re.compile(r"^base_model\.model\.(model\.)+(layers|decoder)\.")


def screen(path: Path) -> Path:
    """The file that is meant by a path, once nothing that is known of its kind speaks against it.

    Raises:
        TensorFileError: It is no safetensors file, or not the whole of one.
        AdapterError: There is none, one of several, or one that cannot be merged; the message says what it is.
    """
    file = meant_file(path)
    header = read_header(file)
    if advice := _ADVICE.get(kind := kind_by_keys(header)):
        keys = tuple(header.tensors)
        shown = ", ".join(repr(key[:200]) for key in keys[:_SHOWN]) + (", ..." if len(keys) > _SHOWN else "")
        raise AdapterError(f"An adapter must be a LoRA. {file} is {kind} (it has {shown}). {advice}")
    if not header.tensors:
        raise AdapterError(f"An adapter must hold tensors. {file} has none: it is empty. {ANEW}")
    if kind == "LoRA":
        check_configuration(file, header)
        check_alphas(file, header)
    for key, stored in header.tensors.items():
        if _OF_MATRIX.search(key) and stored.dtype not in _FLOATS:
            raise AdapterError(
                f"An adapter must hold floating-point numbers. {file} has {stored.dtype} in {key!r}, as after a "
                "quantisation whose scales are not in it. Give the file from before it."
            )
    return file


def check_alphas(file: Path, header: TensorHeader) -> None:
    """See that each alpha of a LoRA is one number, finite and as it was set.

    Raises:
        AdapterError: One is not.
    """
    for key, stored in header.tensors.items():
        if not key.endswith(".alpha"):
            continue
        if stored.dtype.startswith("F8"):
            raise AdapterError(
                f"The alpha of an adapter must be stored in at least 16 bits. {file} has {stored.dtype} in {key!r}. "
                "Give the file from before it was made smaller."
            )
        if math.prod(stored.shape) != 1:
            raise AdapterError(f"An alpha must be one number. {file} has {stored.shape} in {key!r}. {ANEW}")
        if not math.isfinite(value := float(read_numbers(file, stored)[0])):
            raise AdapterError(
                f"Every number of an adapter must be finite. {file} has {value} in {key!r}. {ANEW}"
            )


def meant_file(path: Path) -> Path:
    """The safetensors file that is meant by a path, which may be a folder.

    Raises:
        TensorFileError: It is another kind of file; the message says which.
        AdapterError: There is none, or one of several; the message says what is there.
    """
    if path.is_file():
        refuse_other_files(path)
        if path.suffix == _SUFFIX:
            return path
        read_header(path)
        raise AdapterError(
            f"The name of an adapter's file must end with {_SUFFIX}. {str(path)!r} is such a file by its content: "
            f"rename it to {path.with_suffix(_SUFFIX).name!r}."
        )
    known = [path / name for name in (DIFFUSERS_FILE, PEFT_FILE) if (path / name).is_file()]
    several = sorted(one for one in _entries(path) if one.suffix == _SUFFIX and one.is_file())
    if known or len(several) == 1:
        refuse_other_files((*known, *several)[0])
        return (*known, *several)[0]
    raise AdapterError(
        f"An adapter must be a safetensors file, or a folder with {DIFFUSERS_FILE} or {PEFT_FILE}. "
        f"{_in_place_of_file(path, several)}"
    )


def kind_by_keys(header: TensorHeader) -> str:
    """What a file is by the names of its tensors; "LoRA" may still be a DoRA by its configuration."""
    keys = tuple(header.tensors)
    if found := _first(_METHODS, keys):
        return found
    if (kind := kind_of(keys)) not in (UNKNOWN, "a whole network", "a whole checkpoint"):
        return kind
    if len(keys) == 1 and "." not in keys[0]:  # diffusers saves a word's vector under the word itself
        return "textual inversion"
    return _first(_NETWORKS, keys) or kind


def base_told(facts: AdapterFacts) -> str:
    """What kind of base model an adapter was made for, as far as names and shapes tell; "unknown" otherwise."""
    keys = tuple(facts.header.tensors)
    if facts.base != "Flux" and any(map(_TRANSFORMER_KEY.search, keys)):
        return TRANSFORMER
    return LANGUAGE_MODEL if any(map(_LANGUAGE_KEY.search, keys)) else facts.base


def check_configuration(file: Path, header: TensorHeader) -> None:
    """See that the configuration of peft beside a file is its own, and says nothing that merging would miss.

    Raises:
        AdapterError: It is not, or does. What is no configuration at all is left to those who read it.
    """
    if not any(key.startswith(PEFT_PREFIX) for key in header.tensors):
        return
    beside = file.with_name(PEFT_CONFIG)
    if not beside.is_file():
        raise AdapterError(
            f"An adapter of peft needs its {PEFT_CONFIG}, which holds alpha. {file.parent} has none. Copy it there "
            "from where the adapter was saved."
        )
    if (other := _other_of_peft(file)) is not None:
        raise AdapterError(
            f"An adapter of peft needs its {PEFT_CONFIG}, which holds alpha. {file.parent} has one, and nothing tells "
            f"whether it is that of {file.name} or of {other.name}. Put each into a folder of its own, as "
            f"{PEFT_FILE}, with its configuration."
        )
    entries: Any = None
    with suppress(ValueError, RecursionError, OSError):
        entries = json.loads(beside.read_bytes())
    if isinstance(entries, dict):
        _check_entries(entries, beside)


def _check_entries(entries: Mapping[str, Any], source: Path) -> None:
    if (kind := entries.get("peft_type", "LORA")) != "LORA":
        raise AdapterError(
            f"An adapter must be a plain LoRA. {source} describes {str(kind)[:50]!r}. {_FUSED}"
        )
    begun = entries.get("init_lora_weights")
    if isinstance(begun, str) and _CHANGING.match(begun):
        raise AdapterError(
            f"An adapter must be of the base model's own weights. {source} says `init_lora_weights` {begun[:50]!r}: "
            "the base changed when its training began, and the file does not hold how. Convert it (peft: "
            "`save_pretrained` with `path_initial_model_for_weight_conversion`) and give the result."
        )
    for name in ("use_dora", "use_rslora"):
        if not isinstance(value := entries.get(name, False), bool | None):
            raise AdapterError(
                f"`{name}` in the configuration of an adapter must be true or false, not {str(value)[:100]!r}. "
                f"That is so in {source}. {ANEW}"
            )


def _other_of_peft(file: Path) -> Path | None:
    """Another file of peft in the folder of one that does not have the name of peft's own, if there is one."""
    if file.name == PEFT_FILE:
        return None
    for other in sorted(file.parent.glob(f"*{_SUFFIX}")):
        if other.name != file.name:
            with suppress(TensorFileError):
                if any(key.startswith(PEFT_PREFIX) for key in read_header(other).tensors):
                    return other
    return None


def _entries(path: Path) -> list[Path]:
    return [*path.iterdir()] if path.is_dir() else []


def _in_place_of_file(path: Path, several: Sequence[Path]) -> str:
    """What is at a path that means no file, and what to do."""
    if several:
        names = ", ".join(repr(one.name) for one in several[:_SHOWN])
        more = ", ..." if len(several) > _SHOWN else ""
        return f"{str(path)!r} holds {len(several)} others: {names}{more}. Give one of them by its path."
    if (path / "model_index.json").is_file():
        return f"{str(path)!r} is a whole pipeline, which stands by itself: give it as the model (generator.folder)."
    if below := sorted(path.glob(f"*/*{_SUFFIX}")):
        return f"{str(path)!r} holds none itself; {str(below[0])!r} lies below it. Give that."
    if path.is_dir():
        names = ", ".join(repr(one.name) for one in sorted(_entries(path))[:_SHOWN])
        return f"{str(path)!r} holds {names or 'nothing'}. Give the folder or the file where it lies."
    if path.is_symlink():
        return f"{str(path)!r} is a link that leads nowhere. Give the file that it was meant for."
    return f"{str(path)!r} is {'no file' if path.exists() else 'not there'}. Check the path."


def _first(table: Sequence[tuple[str, str]], keys: Sequence[str]) -> str | None:
    return next((kind for pattern, kind in table if any(re.search(pattern, key) for key in keys)), None)
