"""What an adapter's file is, before any base model is loaded: kind, base, parts, ranks, strengths, metadata.

Read are the header of the file and its scalars of alpha. Loading uses the same facts, so what is told beforehand and
what is merged cannot differ. This file does not need torch.
"""

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from finetune.families.diffusion.adapter_names import (
    PARTS,
    PEFT_PREFIX,
    LayerNames,
    Place,
    is_flux,
    is_second_encoder,
    kind_of,
    place_of,
)
from finetune.store.tensor_headers import TensorHeader, read_header, read_numbers
from finexl.errors import FinexlError

DIFFUSERS_FILE = "pytorch_lora_weights.safetensors"
PEFT_FILE, PEFT_CONFIG = "adapter_model.safetensors", "adapter_config.json"
Shape = tuple[int, ...]
Layers = Mapping[str, Mapping[str, Shape]]
"""Shapes of the weights of a base model's layers, by part and layer."""

ANEW = "Get the file anew from whoever published it, or save it anew with the program that trained it."
_METADATA = "lora_adapter_metadata"
_SHOWN = 5
_LONGEST_PATTERN, _MOST_REPEATS = 500, 4
_REPEATS, _NESTED = re.compile(r"[*+?{]"), re.compile(r"\)[*+{]|\(\?[^:]")


class AdapterError(FinexlError):
    """An adapter cannot be read, or does not belong to this base model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdaptedLayer:
    """The adapter of one layer, as the file describes it."""

    part: str
    """One of `PARTS`."""
    layer: str
    is_flat: bool
    down: str
    """Key of A."""
    up: str
    """Key of B."""
    down_shape: Shape
    up_shape: Shape
    rank: int
    factor: float
    """How often B·A counts: alpha / rank."""


@dataclass(frozen=True, kw_only=True)
class AdapterFacts:
    """What is known of an adapter's file by its header."""

    path: Path
    header: TensorHeader
    kind: str
    """"LoRA", which can be loaded, or another kind by its name."""
    foreign: tuple[str, ...]
    """Keys that are spelled in no way that is read here."""
    layers: tuple[AdaptedLayer, ...]
    """Empty for other kinds than LoRA."""

    @cached_property
    def base(self) -> str:
        """The family of base models that it was made for: "SD 1.x", "SD 2.x", "SDXL", "Flux" or "unknown"."""
        return _base(self)

    @property
    def metadata(self) -> Mapping[str, str]:
        """What its trainer wrote, as it stands there."""
        return self.header.metadata


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """Which layers of an adapter a base model has."""

    matched: Mapping[tuple[str, str], AdaptedLayer]
    """By part and the base's name of the layer."""
    unmatched: tuple[str, ...]
    """Keys whose layer the base does not have."""
    misshapen: tuple[str, ...]
    """Sentences on layers that the base has with other sizes."""

    @property
    def n_total(self) -> int:
        """Layers of the adapter."""
        return len(self.matched) + len(self.unmatched) + len(self.misshapen)


def identify(path: Path) -> AdapterFacts:
    """Read what a file, or a folder with one, says of itself.

    Raises:
        TensorFileError: It is no safetensors file, or not the whole of one.
        AdapterError: It is a LoRA whose ranks, scales or configuration cannot be.
    """
    file = adapter_file(Path(path))
    header = read_header(file)
    kind, layers = kind_of(header.tensors), ()
    places = {key: place_of(key) for key in header.tensors}
    if kind == "LoRA":
        config = Configuration.read(file, header)
        if config.is_dora:
            kind = "DoRA"
        else:
            layers = _adapted_layers(file, header, places, config)
    foreign = tuple(key for key, place in places.items() if place is None)
    return AdapterFacts(path=file, header=header, kind=kind, foreign=foreign, layers=layers)


def adapter_file(path: Path) -> Path:
    """The file that is meant by a path, which may be a folder.

    Raises:
        AdapterError: There is none, or not one of safetensors.
    """
    if not path.is_dir():
        found = path
    else:
        known = [path / name for name in (DIFFUSERS_FILE, PEFT_FILE) if (path / name).is_file()]
        several = sorted(path.glob("*.safetensors"))
        found = known[0] if known else several[0] if len(several) == 1 else path / DIFFUSERS_FILE
    if found.suffix != ".safetensors" or not found.is_file():
        raise AdapterError(
            "An adapter must be a safetensors file, or a folder with "
            f"{DIFFUSERS_FILE} or {PEFT_FILE}. Got {str(path)!r}."
        )
    return found


def require_lora(facts: AdapterFacts) -> None:
    """Raise `AdapterError` unless a file is a LoRA, saying what it is."""
    if facts.kind == "LoRA":
        return
    if not facts.header.tensors:
        raise AdapterError(f"An adapter must hold tensors. {facts.path} has none: it is empty.")
    shown = _some(facts.foreign or tuple(facts.header.tensors))
    if facts.kind in ("a whole checkpoint", "a whole network"):
        raise AdapterError(
            f"An adapter must be a LoRA. {facts.path} is {facts.kind}, which stands by itself (it has {shown}). "
            "Convert it to a diffusers folder and give that as the model."
        )
    if facts.kind == "unknown":
        raise AdapterError(
            f"Every key of an adapter must belong to a layer of the base model. {facts.path} has "
            f"{len(facts.foreign)} that are spelled in no way that is known: {shown}. Save it with peft, diffusers or "
            "kohya's scripts, as a LoRA of a U-Net or text encoder."
        )
    raise AdapterError(
        f"An adapter must be a plain LoRA. {facts.path} is {facts.kind}, as {shown} shows, and would be another model "
        "if that were left out. Load it with the program that it is for, fuse it into the base, save the whole "
        "pipeline (diffusers: `load_lora_weights`, `fuse_lora`, `unload_lora_weights`, `save_pretrained`) and give "
        "that folder."
    )


def fit(facts: AdapterFacts, base: Layers) -> Fit:
    """Where the layers of an adapter belong in a base model."""
    names = {part: LayerNames(layers) for part, layers in base.items()}
    matched: dict[tuple[str, str], AdaptedLayer] = {}
    unmatched, misshapen = [], []
    for layer in facts.layers:
        place = Place(layer.part, layer.layer, layer.is_flat, "down")
        found = names[layer.part].find(place) if layer.part in names else None
        if found is None:
            unmatched.append(layer.down)
            continue
        weight = base[layer.part][found]
        wanted = (weight[0], math.prod(weight[1:]))
        if (layer.up_shape[0], math.prod(layer.down_shape[1:])) != wanted:
            misshapen.append(
                f"The adapter of {found!r} must have B of shape ({wanted[0]}, rank) and A of (rank, {wanted[1]}) to "
                f"fit the base. {facts.path} has {layer.up_shape} and {layer.down_shape}."
            )
        elif (layer.part, found) in matched:
            raise AdapterError(
                f"An adapter must hold each part of a layer once. {facts.path} has {found!r} in two spellings; "
                f"the second is {layer.down!r}. {ANEW}"
            )
        else:
            matched[layer.part, found] = layer
    return Fit(matched=matched, unmatched=tuple(unmatched), misshapen=tuple(misshapen))


def base_layers(folder: Path) -> dict[str, dict[str, Shape]]:
    """Shapes of the matrices of a diffusers folder's U-Net and text encoder, by the headers of its files alone.

    Raises:
        TensorFileError: One of its files is no safetensors.
    """
    return {
        part: {
            name.removesuffix(".weight"): stored.shape
            for file in sorted((folder / part).glob("*.safetensors"))
            for name, stored in read_header(file).tensors.items()
            if name.endswith(".weight") and len(stored.shape) > 1 and "embeddings." not in name
        }
        for part in PARTS
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """What a file's own metadata in diffusers' form, or `peft`'s configuration beside it, says of ranks and scales."""

    source: Path
    entries: Mapping[str, Any]
    """Names as `peft` has them; of several parts in one file each with the part and a dot before it."""

    @staticmethod
    def read(path: Path, header: TensorHeader) -> "Configuration":
        """The configuration that belongs to a file; empty where it has none and needs none.

        A configuration beside a file is that of `peft`'s own layout, and of nothing else that lies in the folder.
        """
        is_of_peft = any(key.startswith(PEFT_PREFIX) for key in header.tensors)
        if is_of_peft:
            beside = path.with_name(PEFT_CONFIG)
            is_anothers = path.name != PEFT_FILE and path.with_name(PEFT_FILE).is_file()
            if not beside.is_file() or is_anothers:
                raise AdapterError(
                    f"An adapter of peft needs its {PEFT_CONFIG}, which holds alpha. {path.parent} has "
                    f"{f'that of {PEFT_FILE} only' if is_anothers else 'none'}. Put the adapter and its own "
                    "configuration into a folder of theirs."
                )
            entries = _object(beside.read_bytes(), beside)
            kind = entries.get("peft_type", "LORA")
            if kind != "LORA":
                raise AdapterError(f"An adapter must be a plain LoRA. {beside} describes {str(kind)[:50]!r}.")
            return Configuration(source=beside, entries=entries)
        text = header.metadata.get(_METADATA)
        return Configuration(source=path, entries={} if text is None else _object(text, path))

    @property
    def is_dora(self) -> bool:
        """It rescales the base's weights as well."""
        return any(self.entries.get(f"{part}use_dora") for part in ("", *(f"{part}." for part in PARTS)))

    def factor(self, place: Place, rank: int, alpha: float | None) -> float:
        """How much a layer's product counts: its own alpha, else the configuration's, else alpha = rank.

        Raises:
            AdapterError: The configuration denies the rank, or states numbers that cannot be.
        """
        stated = self._stated(place, "rank_pattern", "r", rank)
        if stated < 1 or stated != rank:
            raise AdapterError(
                f"The rank of {place.layer!r} must be what the configuration says, {stated:g}, and at least 1 "
                f"(`r` in the configuration). {self.source} has {rank}. {ANEW}"
            )
        if alpha is None:
            alpha = self._stated(place, "alpha_pattern", "lora_alpha", rank)
        rooted = self._of(place.part, "use_rslora", False)
        return alpha / (math.sqrt(rank) if rooted else rank)

    def _of(self, part: str, name: str, otherwise: Any) -> Any:
        return self.entries.get(f"{part}.{name}", self.entries.get(name, otherwise))

    def _stated(self, place: Place, patterns_name: str, name: str, otherwise: int) -> float:
        """What `peft` would look up: the first pattern that is an end of the layer's name, else the one number."""
        patterns = self._of(place.part, patterns_name, None) or {}
        if not isinstance(patterns, dict):
            raise self._wrong(
                patterns_name, f"be a table of patterns and numbers, not {str(patterns)[:100]!r}"
            )
        for pattern, value in patterns.items():
            # A stranger's expression could take years where repeats are nested.
            is_tame = len(pattern) <= _LONGEST_PATTERN and not _NESTED.search(pattern)
            if not is_tame or len(_REPEATS.findall(pattern)) > _MOST_REPEATS:
                raise self._wrong(
                    patterns_name, f"have patterns of few and no nested repeats; {pattern[:100]!r} is other"
                )
            try:
                if re.match(rf"(.*\.)?({pattern})$", place.layer):
                    return self._number(value, patterns_name, place.layer)
            except (re.error, RecursionError, OverflowError) as reason:
                raise self._wrong(
                    patterns_name,
                    f"have regular expressions as patterns; {pattern[:100]!r} is none ({reason})",
                ) from reason
        return self._number(self._of(place.part, name, otherwise), name, place.layer)

    def _number(self, value: Any, name: str, layer: str) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise self._wrong(name, f"be a number for {layer!r}, not {str(value)[:100]!r}")
        return float(value)

    def _wrong(self, name: str, must: str) -> AdapterError:
        return AdapterError(
            f"`{name}` in the configuration of an adapter must {must}. That is so in {self.source}. {ANEW}"
        )


def _adapted_layers(
    path: Path, header: TensorHeader, places: Mapping[str, Place | None], config: Configuration
) -> tuple[AdaptedLayer, ...]:
    sides: dict[tuple[str, str, bool], dict[str, str]] = {}
    for key, place in places.items():
        if place is None:
            continue
        held = sides.setdefault((place.part, place.layer, place.is_flat), {})
        if place.side in held:
            raise AdapterError(
                f"An adapter must hold each part of a layer once. {path} has {place.layer!r} ({place.side}) in two "
                f"spellings; the second is {key!r}. {ANEW}"
            )
        held[place.side] = key
    read_alpha = _alpha_reader(path, header)
    found = []
    for (part, layer, is_flat), keys in sides.items():
        if "down" not in keys or "up" not in keys:
            raise AdapterError(
                f"An adapter must hold A and B for each layer. {path} has only {', '.join(sorted(keys))} for "
                f"{layer!r}. {ANEW}"
            )
        down, up = header.tensors[keys["down"]].shape, header.tensors[keys["up"]].shape
        rank = down[0] if down else 0
        if len(down) < 2 or len(up) < 2 or rank < 1 or math.prod(up[1:]) != rank:
            raise AdapterError(
                f"The adapter of {layer!r} must have A of shape (rank, inputs) and B of (outputs, rank) with a rank of "
                f"at least 1. {path} has {down} and {up}. {ANEW}"
            )
        place = Place(part, layer, is_flat, "down")
        factor = config.factor(place, rank, read_alpha(keys.get("alpha")))
        found.append(
            AdaptedLayer(
                part=part, layer=layer, is_flat=is_flat, down=keys["down"], up=keys["up"], down_shape=down,
                up_shape=up, rank=rank, factor=factor,
            )
        )  # fmt: skip
    return tuple(found)


def _alpha_reader(path: Path, header: TensorHeader) -> Callable[[str | None], float | None]:
    def read(key: str | None) -> float | None:
        if key is None:
            return None
        stored = header.tensors[key]
        if math.prod(stored.shape) != 1:
            raise AdapterError(f"An alpha must be one number. {path} has {stored.shape} in {key!r}.")
        value = float(read_numbers(path, stored)[0])
        if not np.isfinite(value):
            raise AdapterError(f"Every number of an adapter must be finite. {path} has {value} in {key!r}.")
        return value

    return read


def _object(text: str | bytes, path: Path) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as reason:
        raise AdapterError(
            f"The configuration of an adapter must be JSON. {path} has: {reason}. {ANEW}"
        ) from reason
    if not isinstance(found, dict):
        raise AdapterError(
            f"The configuration of an adapter must be a JSON object. {path} has {str(found)[:100]!r}. {ANEW}"
        )
    return found


def _base(facts: AdapterFacts) -> str:
    """By the width of the text that cross-attention reads, else by the text encoder's own width."""
    tensors = facts.header.tensors
    if any(is_flux(key) for key in tensors):
        return "Flux"
    widths = {
        math.prod(stored.shape[1:])
        for key, stored in tensors.items()
        if re.search(r"attn2[._](processor[._])?to_[kv]", key)
        and re.search(r"(lora|lora_linear_layer)[._](down|A)\.|\.hada_w1_b$|\.diff$", key)
    }
    known = {768: "SD 1.x", 1024: "SD 2.x", 2048: "SDXL"}
    if families := {known.get(width, "unknown") for width in widths}:
        return families.pop() if len(families) == 1 else "unknown"
    if any(is_second_encoder(key) or "input_blocks_" in key for key in tensors):
        return "SDXL"
    inner = {layer.down_shape[1] for layer in facts.layers if layer.layer.endswith(("q_proj", "fc1"))}
    return known.get(inner.pop(), "unknown") if len(inner) == 1 else "unknown"


def _some(keys: tuple[str, ...]) -> str:
    more = ", ..." if len(keys) > _SHOWN else ""
    return ", ".join(repr(key[:200]) for key in keys[:_SHOWN]) + more
