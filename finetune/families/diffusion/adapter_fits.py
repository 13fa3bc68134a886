"""Whether an adapter fits a base model, before either is loaded; and what is told where it does not.

That is what the file is, for which base, how much of it fits and what to do. Nothing is said of its base but what
shapes tell and its maker states.
"""

import shlex
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from finetune.families.diffusion.adapter_facts import (
    AdapterError,
    AdapterFacts,
    Fit,
    Layers,
    fit,
    identify,
    require_lora,
)
from finetune.families.diffusion.adapter_names import PARTS
from finetune.families.diffusion.adapter_screening import (
    LANGUAGE_MODEL,
    TRANSFORMER,
    UNKNOWN,
    base_told,
    screen,
)
from finetune.store.tensor_headers import not_finite

_RUN_HERE = ("SD 1.x", "SD 2.x")
_BY_WIDTH = {768: "SD 1.x", 1024: "SD 2.x", 2048: "SDXL"}
_STATED = ("modelspec.architecture", "ss_base_model_version", "ss_sd_model_name")
"""Keys of metadata under which trainers say what they trained on; the clearest first."""
_SHOWN, _LONGEST = 3, 100


def check_adapter(path: Path, base: Layers) -> AdapterFacts:
    """See that an adapter can be merged whole into a base model with these layers, before it is loaded.

    A base without any, whose folder holds no safetensors, is told when it is loaded, and matches anything here.

    Raises:
        AdapterError: It is another kind than LoRA, holds numbers that are not finite, or does not fit.
        TensorFileError: It is no safetensors file.
    """
    facts = identify(screen(path))
    require_lora(facts)
    if bad := next(not_finite(facts.path, facts.header), None):
        raise AdapterError(
            f"Every number of an adapter must be finite. {facts.path} has NaN or infinity in {bad!r}: the file is "
            "broken, or was saved from a training that had failed. Use an earlier checkpoint of it."
        )
    if any(base.values()):
        check_fit(facts, base)
    return facts


def check_fit(facts: AdapterFacts, base: Layers) -> Fit:
    """Where each layer of a LoRA belongs in a base model with these layers.

    Raises:
        AdapterError: The base does not have all of them, each in its size.
    """
    found = fit(facts, base)
    if found.matched and not (facts.foreign or found.unmatched or found.misshapen):
        return found
    n = found.n_total
    held = (
        ", ".join(f"{count} of the {part}" for part, count in _parts(facts).items()) or "none that is known"
    )
    raise AdapterError(
        f"Every layer of an adapter must be one of the base model's, in its size. {facts.path} is a LoRA with {n} "
        f"layers ({held}), {_origin(facts)}. {len(found.matched)} of {n} fit this base, "
        f"{_named(base_family(base))}. {' '.join(_misfits(facts, found))} {_advice(facts, base)}"
    )


def base_family(base: Layers) -> str:
    """The family of a base model, by the width of the text that its cross-attention reads; "unknown" for others."""
    widths = {shape[1] for name, shape in base.get("unet", {}).items() if name.endswith("attn2.to_k")}
    return _BY_WIDTH.get(widths.pop(), UNKNOWN) if len(widths) == 1 else UNKNOWN


def stated_base(metadata: Mapping[str, str]) -> str | None:
    """The base model that an adapter's maker names, as it stands there."""
    return next((metadata[key].strip() for key in _STATED if metadata.get(key, "").strip()), None)


def _parts(facts: AdapterFacts) -> dict[str, int]:
    counts = Counter(layer.part for layer in facts.layers)
    return {name: counts[part] for part, name in PARTS.items() if counts[part]}


def _origin(facts: AdapterFacts) -> str:
    by_shape = (
        f"for {base_told(facts)} by its shapes"
        if base_told(facts) != UNKNOWN
        else "and its shapes do not tell for which base"
    )
    stated = stated_base(facts.metadata)
    return f"{by_shape}; its maker names {stated[:_LONGEST]!r}" if stated else by_shape


def _named(family: str) -> str:
    return f"which is {family} by its shapes" if family != UNKNOWN else "whose shapes tell no family"


def _misfits(facts: AdapterFacts, found: Fit) -> list[str]:
    told = list(found.misshapen[:1])
    if len(found.misshapen) > 1:
        told.append(f"{len(found.misshapen) - 1} more differ in size.")
    for keys, what in (
        (found.unmatched, "are of layers that it does not have"),
        (facts.foreign, "are of parts that it does not have, or spelled in no way that is read here"),
    ):
        if keys:
            shown = ", ".join(repr(key[:_LONGEST]) for key in keys[:_SHOWN])
            told.append(f"{len(keys)} keys {what}: {shown}{', ...' if len(keys) > _SHOWN else ''}.")
    return told


def _advice(facts: AdapterFacts, base: Layers) -> str:
    own, theirs = base_told(facts), base_family(base)
    if own not in (UNKNOWN, *_RUN_HERE):
        are = f"{own.capitalize()} is" if own in (TRANSFORMER, LANGUAGE_MODEL) else f"Models of {own} are"
        return f"{are} not run here: give an adapter that was trained on this base."
    listing = f"`python -m finetune inspect {shlex.quote(str(facts.path))} --base FOLDER` counts what a base has of it."
    if own not in (UNKNOWN, theirs):
        return f"Give a base model of {own}, or an adapter that was trained on this base. {listing}"
    return f"Give the model that it was trained on, as whoever published it says, or an adapter of this base. {listing}"
