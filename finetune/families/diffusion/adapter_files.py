"""Adapters on disk, ours and other people's: the layouts of diffusers and of `peft`, safetensors only.

Read are diffusers' `unet.<layer>.lora_A.weight` with its older spellings (`.lora.down.weight`,
`.processor.to_q_lora.down.weight`), the flat names that stand-alone trainers write
(`lora_unet_<layer>.lora_down.weight` with `.alpha`), and `peft`'s `base_model.model.<layer>.lora_A.weight` with
`adapter_config.json`. Nothing is skipped: a key that the base has no layer for is an error.
"""

import json
import re
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from finetune.families.diffusion.adapters import DOWN, UP, AdapterError, LowRank, has_effect, merge
from finetune.store.tensors import read_tensors, write_tensors

DIFFUSERS_FILE = "pytorch_lora_weights.safetensors"
PEFT_FILE, PEFT_CONFIG = "adapter_model.safetensors", "adapter_config.json"

_METADATA = "lora_adapter_metadata"
_PREFIXES = ("base_model.model.unet.", "base_model.model.", "unet.", "lora_unet_")
_ENDS = re.compile(
    r"(?:\.processor\.(?P<projection>to_\w+)_lora|\.lora|\.lora_linear_layer|)"
    r"[._](?:lora_)?(?P<part>down|up|A|B)(?:\.default)?\.weight$|\.alpha$"
)
_SIDES = {"down": "down", "A": "down", "up": "up", "B": "up", None: "alpha"}
_TEXT = ("text_encoder.", "lora_te", "base_model.model.text_encoder.", "base_model.model.text_model.")
"""How keys of a text encoder's adapter begin."""
_SHOWN = 5


class AdapterWithoutEffectWarning(UserWarning):
    """An adapter was loaded that leaves the base model as it is."""


def load_adapter(unet: nn.Module, file: Path, *, scale: float = 1.0) -> None:
    """Merge the adapter in `file` (or a folder with one) into the weights of `unet`, `scale` times."""
    adapter = read_adapter(unet, file)
    if scale == 0 or not has_effect(adapter):
        reason = "its scale is 0" if scale == 0 else "all its products are zero"
        warnings.warn(
            f"The adapter {file} leaves the base model as it is: {reason}.",
            AdapterWithoutEffectWarning,
            stacklevel=2,
        )
    merge(unet, adapter, scale=scale)


def read_adapter(unet: nn.Module, file: Path) -> dict[str, LowRank]:
    """The adapter in `file`, by layer of `unet`.

    Raises:
        AdapterError: The file is no plain LoRA, or a key, a shape or a rank does not fit that network exactly.
        TensorFileError: The file is no safetensors.
    """
    path = _adapter_file(Path(file))
    layers = {
        name: module for name, module in unet.named_modules() if isinstance(module, nn.Linear | nn.Conv2d)
    }
    parts: dict[str, dict[str, Tensor]] = {}
    foreign = []
    for key, tensor in read_tensors(path).items():
        layer, side = _place(key, layers)
        if layer is None:
            foreign.append(key)
        elif side in parts.setdefault(layer, {}):
            raise AdapterError(
                f"An adapter must hold each part of a layer once. {path} has {layer!r} ({side}) in two spellings; "
                f"the second is {key!r}."
            )
        else:
            parts[layer][side] = tensor
    if foreign or not parts:
        raise _foreign_keys(path, foreign)
    factor_of = _factors(path)
    return {layer: _pair(path, layer, layers[layer], sides, factor_of) for layer, sides in parts.items()}


def write_adapter(file: Path, adapter: Mapping[str, LowRank]) -> None:
    """Write in diffusers' layout, for `pipeline.load_lora_weights(file.parent, weight_name=file.name)`.

    A factor other than 1 goes into B, so that every reader scales alike.
    """
    tensors = {}
    for layer, (down, up, factor) in adapter.items():
        tensors[f"unet.{layer}{DOWN}"] = down
        tensors[f"unet.{layer}{UP}"] = up * factor
    write_tensors(file, tensors)


def _adapter_file(path: Path) -> Path:
    if not path.is_dir():
        found = path
    else:
        known = [path / name for name in (DIFFUSERS_FILE, PEFT_FILE) if (path / name).is_file()]
        found = known[0] if known else path / DIFFUSERS_FILE
    if found.suffix != ".safetensors" or not found.is_file():
        raise AdapterError(
            "An adapter must be a safetensors file, or a folder with "
            f"{DIFFUSERS_FILE} or {PEFT_FILE}. Got {str(path)!r}."
        )
    return found


def _place(key: str, layers: Mapping[str, nn.Module]) -> tuple[str | None, str]:
    """The layer that a key belongs to, None if there is none, and which part of its adapter it is."""
    end = _ENDS.search(key)
    if end is None:
        return None, ""
    name, side = key[: end.start()], _SIDES[end["part"]]
    if end["projection"]:
        name += "." + {"to_out": "to_out.0"}.get(end["projection"], end["projection"])
    prefix = next((prefix for prefix in _PREFIXES if name.startswith(prefix)), "")
    plain = name.removeprefix(prefix)
    if prefix == "lora_unet_":
        flat = {layer.replace(".", "_"): layer for layer in layers}
        return flat.get(plain), side
    return (plain if plain in layers else None), side


def _pair(
    path: Path,
    layer: str,
    module: nn.Module,
    sides: Mapping[str, Tensor],
    factor_of: Callable[[str, int, Tensor | None], float],
) -> LowRank:
    down, up, weight = sides.get("down"), sides.get("up"), module.weight
    assert isinstance(weight, Tensor)
    if down is None or up is None:
        raise AdapterError(
            f"An adapter must hold A and B for each layer. {path} has only {', '.join(sorted(sides))} for {layer!r}."
        )
    given = (up.shape[0], down[0].numel())
    wanted = (weight.shape[0], weight[0].numel())
    if given != wanted or up[0].numel() != down.shape[0]:
        raise AdapterError(
            f"The adapter of {layer!r} must have B of shape ({wanted[0]}, rank) and A of (rank, {wanted[1]}) to fit "
            f"the base. {path} has {tuple(up.shape)} and {tuple(down.shape)}. It was made for another base model."
        )
    return LowRank(down, up, factor_of(layer, down.shape[0], sides.get("alpha")))


def _factors(path: Path) -> Callable[[str, int, Tensor | None], float]:
    """How much each layer's product counts: its own alpha, else the file's configuration, else alpha = rank."""
    config = _configuration(path)
    if config.get("use_dora"):
        raise AdapterError(
            f"An adapter must be a plain LoRA. {path} is a DoRA, which rescales the base weights."
        )

    def factor(layer: str, rank: int, alpha: Tensor | None) -> float:
        stated = _matching(layer, config.get("rank_pattern"), config.get("r", rank))
        if int(stated) != rank:
            raise AdapterError(
                f"The rank of {layer!r} must be what the configuration says, {stated}. {path} has {rank}."
            )
        value = float(alpha) if alpha is not None else None
        if value is None:
            value = float(_matching(layer, config.get("alpha_pattern"), config.get("lora_alpha", rank)))
        return value / (rank**0.5 if config.get("use_rslora") else rank)

    return factor


def _matching(layer: str, patterns: Mapping[str, Any] | None, otherwise: Any) -> Any:
    """What `peft` would look up: the first pattern that is an end of the layer's name."""
    for pattern, value in (patterns or {}).items():
        if re.match(rf"(.*\.)?({pattern})$", layer):
            return value
    return otherwise


def _configuration(path: Path) -> dict[str, Any]:
    """The file's own metadata in diffusers' form, or `peft`'s configuration beside it; empty without either."""
    beside = path.with_name(PEFT_CONFIG)
    if beside.is_file():
        return _parsed(beside.read_bytes(), beside)
    try:
        with safe_open(path, framework="pt") as file:
            metadata, names = file.metadata() or {}, tuple(file.keys())
    except SafetensorError as reason:
        raise AdapterError(f"{path} must be a safetensors file. Got: {reason}.") from reason
    if _METADATA in metadata:
        entries = _parsed(metadata[_METADATA], path)
        return {
            name.removeprefix("unet."): value for name, value in entries.items() if name.startswith("unet.")
        }
    if any(name.startswith("base_model.model.") for name in names):
        raise AdapterError(
            f"An adapter of peft needs its {PEFT_CONFIG}, which holds alpha. {path.parent} has none."
        )
    return {}


def _parsed(text: str | bytes, path: Path) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError as reason:
        raise AdapterError(f"The configuration of an adapter must be JSON. {path} has: {reason}.") from reason
    if not isinstance(found, dict):
        raise AdapterError(f"The configuration of an adapter must be a JSON object. {path} has {found!r}.")
    return found


def _foreign_keys(path: Path, keys: list[str]) -> AdapterError:
    shown = ", ".join(repr(key) for key in keys[:_SHOWN]) + (", ..." if len(keys) > _SHOWN else "")
    of_text = bool(keys) and all(key.startswith(_TEXT) for key in keys)
    advice = (
        "Adapters of the text encoder are not supported: without them the model is another one than its maker's. "
        "Use one that was trained on the U-Net alone, or save the whole adapted pipeline "
        "(`load_lora_weights`, `fuse_lora`, `unload_lora_weights`, `save_pretrained`) and give that folder."
        if of_text
        else "Use the base model that it was made for."
    )
    return AdapterError(
        f"Every key of an adapter must belong to a layer of the base U-Net. {path} has {len(keys)} that do not: "
        f"{shown or 'it is empty'}. {advice}"
    )
