"""How adapters name what they change: the spellings of trainers and libraries, read into parts, layers and sides.

Read are diffusers' `unet.<layer>.lora_A.weight` with its older spellings (`.lora.down.weight`,
`.processor.to_q_lora.down.weight`), the flat names that stand-alone trainers write
(`lora_unet_<layer>.lora_down.weight` with `.alpha`, `lora_te_<layer>...`), and `peft`'s
`base_model.model.<layer>.lora_A.weight`. This file does not need torch.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Side = Literal["down", "up", "alpha"]

PARTS = {"unet": "U-Net", "text_encoder": "text encoder"}
"""The networks of a pipeline that an adapter may change here, and what they are called."""

PEFT_PREFIX = "base_model.model."

_PREFIXES: tuple[tuple[str, str, bool], ...] = (
    ("base_model.model.text_encoder.", "text_encoder", False),
    ("base_model.model.unet.", "unet", False),
    ("base_model.model.", "unet", False),
    ("text_encoder.", "text_encoder", False),
    ("unet.", "unet", False),
    ("lora_te_", "text_encoder", True),
    ("lora_te1_", "text_encoder", True),
    ("lora_unet_", "unet", True),
)
"""How keys begin, which part they are of, and whether the dots of the layer's name became underscores behind it."""

_ENDS = re.compile(
    r"(?:\.processor\.(?P<old>to_\w+)_lora|\.(?P<oldest>to_(?:q|k|v|out))_lora|\.lora|\.lora_linear_layer|)"
    r"[._](?:lora_)?(?P<part>down|up|A|B)(?:\.default)?\.weight$|\.alpha$"
)
_SIDES: dict[str | None, Side] = {"down": "down", "A": "down", "up": "up", "B": "up", None: "alpha"}
_OLD_PROJECTIONS = {
    "unet": {"to_out": "to_out.0"},
    "text_encoder": {"to_q": "q_proj", "to_k": "k_proj", "to_v": "v_proj", "to_out": "out_proj"},
}

KINDS: tuple[tuple[str, str], ...] = (
    (r"\.(dora_scale|lora_magnitude_vector)(\.|$)", "DoRA"),
    (r"\.hada_(w|t)\d", "LoHa"),
    (r"\.lokr_(w|t)\d", "LoKr"),
    (r"\.lora_mid\.weight$", "LoRA with a Tucker core"),
    (r"\.(oft_(blocks|diag|r|s)|boft_\w+)(\.|$)", "OFT"),
    (r"\.(ia3_l|on_input)(\.|$)", "IA3"),
    (r"\.vera_lambda_[bd](\.|$)", "VeRA"),
    (r"\.(a|b)[12]\.weight$", "GLoRA"),
    (r"\.(diff|diff_b|w_norm|b_norm|set_weight)$", "full differences (.diff)"),
    (r"^(emb_params|string_to_param.*|clip_[lg])$|^bundle_emb\.", "textual inversion"),
    (r"^(model\.diffusion_model|first_stage_model|cond_stage_model|conditioner)\.", "a whole checkpoint"),
)
"""Kinds of files that are no plain LoRA, by what one of their keys holds."""
_KIND = tuple((re.compile(pattern, re.IGNORECASE), kind) for pattern, kind in KINDS)
_SECOND_ENCODER = re.compile(r"^(lora_te2_|lora_te3_|text_encoder_[23]\.)")
_FLUX = re.compile(
    r"(double_blocks|single_blocks|single_transformer_blocks|lora_transformer_transformer_blocks)[._]\d"
)
_TRANSFORMER = re.compile(r"^(transformer\.|lora_transformer_|diffusion_model\.)")


@dataclass(frozen=True, slots=True)
class Place:
    """Which layer's adapter a key belongs to."""

    part: str
    """One of `PARTS`."""
    layer: str
    """The layer's name as the file has it; of a flat one, with underscores for dots."""
    is_flat: bool
    side: Side


def place_of(key: str) -> Place | None:
    """Where a key belongs by its name alone; None if it is spelled in no way that is read here."""
    end = _ENDS.search(key)
    if end is None:
        return None
    name, side = key[: end.start()], _SIDES[end["part"]]
    prefix, part, is_flat = next((row for row in _PREFIXES if name.startswith(row[0])), ("", "unet", False))
    if prefix == "" and (_SECOND_ENCODER.match(key) or _TRANSFORMER.match(key) or name.startswith("lora_")):
        return None
    layer = name.removeprefix(prefix)
    if not is_flat and layer.startswith(("text_model.", "encoder.layers.")):  # peft's of a text encoder alone
        part = "text_encoder"
    if old := end["old"] or end["oldest"]:
        layer += "." + _OLD_PROJECTIONS[part].get(old, old)
    return Place(part, layer, is_flat, side) if layer else None


class LayerNames:
    """The layers of one network, found by any spelling of their names."""

    def __init__(self, layers: Iterable[str]) -> None:
        self._dotted = {_unwrapped(name): name for name in layers}
        self._flat = {name.replace(".", "_"): full for name, full in self._dotted.items()}

    def find(self, place: Place) -> str | None:
        """The layer that a place means; None if the network has no such layer.

        Text encoders are wrapped in `text_model` in some versions of their library, and in others not.
        """
        if place.is_flat:
            return self._flat.get(place.layer.removeprefix("text_model_"))
        return self._dotted.get(_unwrapped(place.layer))


def kind_of(keys: Iterable[str]) -> str:
    """What a file is by the names of its tensors: "LoRA", another kind by its name, or "unknown"."""
    held = tuple(keys)
    for pattern, kind in _KIND:
        if any(pattern.search(key) for key in held):
            return kind
    if any(_ENDS.search(key) for key in held):
        return "LoRA"
    if any(re.search(r"(^|\.)(down_blocks|encoder\.layers)\.\d", key) for key in held):
        return "a whole network"
    return "unknown"


def is_second_encoder(key: str) -> bool:
    """It is of a second or third text encoder, which Stable Diffusion 1 and 2 do not have."""
    return _SECOND_ENCODER.match(key) is not None


def is_flux(key: str) -> bool:
    """It is of a transformer with double and single blocks, as Flux is."""
    return _FLUX.search(key) is not None


def _unwrapped(name: str) -> str:
    return name.removeprefix("text_model.")
