"""`python -m finetune inspect`: what an adapter's file is, without loading a base model, as a page and as JSON."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from finetune.families.diffusion.adapter_facts import (
    AdaptedLayer,
    AdapterError,
    AdapterFacts,
    Fit,
    base_layers,
    fit,
    identify,
)
from finetune.families.diffusion.adapter_fits import stated_base
from finetune.families.diffusion.adapter_names import PARTS
from finetune.families.diffusion.adapter_screening import (
    base_told,
    check_alphas,
    check_configuration,
    kind_by_keys,
    meant_file,
    screen,
)
from finetune.store.tensor_headers import Digests, digests, not_finite, read_header
from finexl.errors import InvalidInputError
from finexl.explain.harmless import LONGEST, shown

N_TRIGGERS = 5
"""Candidates that are shown."""
_OFTEN = 0.5
"""Share of the most frequent tag's count that a tag needs to be a candidate."""
_LONGEST_TABLE = 20_000_000
"""Characters of a table in the metadata that is looked into."""
_LONGEST_REASON = 1000
"""Characters of why a file is not loaded."""
_SHOWN_KEYS = 40
_SHOWN_NUMBERS = 6
_SHORT_HASH = 12
"""Characters of the hash by which model sites know a file; theirs is of the tensors alone (AutoV3)."""
_PHRASES = (
    "modelspec.trigger_phrase",
    "modelspec.trigger_phrases",
    "activation text",
    "trigger_words",
    "trigger_word",
)
_ASIDE = ("ss_tag_frequency", "ss_bucket_info", "ss_dataset_dirs", "ss_datasets", "modelspec.thumbnail")
"""Large tables, which are counted and not shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartFacts:
    """What an adapter changes of one network."""

    part: str
    n_layers: int
    ranks: tuple[tuple[int, int], ...]
    """Each rank with how many layers have it, the most frequent first."""
    scales: tuple[tuple[float, int], ...]
    """Each factor alpha / rank likewise: how often B·A counts at strength 1."""
    n_matched: int | None = None
    """Layers that the base has in the same size; None where no base was given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """All that `inspect` tells of a file."""

    path: Path
    n_bytes: int
    kind: str
    base: str
    parts: tuple[PartFacts, ...]
    n_foreign: int
    """Keys that are spelled in no way that is read here."""
    unmatched: tuple[str, ...]
    """Keys and sentences on layers that the given base does not have, or has in another size."""
    not_finite: tuple[str, ...]
    """Keys of tensors that hold a NaN or an infinity."""
    triggers: tuple[str, ...]
    """Words that its maker names, or that most training captions had; the likeliest first."""
    metadata: Mapping[str, str]
    hashes: Digests
    is_empty: bool = False
    """It holds no tensors."""
    refused: str = ""
    """Why no base takes it, in the words of what would load it; empty where nothing of the file speaks against it."""

    @property
    def loads(self) -> bool | None:
        """Whether it can be merged whole into the given base; None without one, unless it never can."""
        if self.kind != "LoRA" or self.n_foreign or self.not_finite or self.refused or not self.parts:
            return False
        if any(part.n_matched is None for part in self.parts):
            return None
        return not self.unmatched


def inspect_file(path: Path, *, base: Path | None = None) -> Inspection:
    """Read an adapter's file, and count the layers that the base model in a diffusers folder has.

    Raises:
        TensorFileError: The file, or one of the base's, is no safetensors file, or not the whole of one.
        AdapterError: Its ranks, scales or configuration cannot be.
        InvalidInputError: The folder of the base holds no network.
    """
    file = meant_file(path)
    header = read_header(file)
    if (kind := kind_by_keys(header)) == "LoRA":
        check_configuration(file, header)
        check_alphas(file, header)
        facts = identify(file)
        kind = facts.kind
    else:
        facts = AdapterFacts(path=file, header=header, kind=kind, foreign=(), layers=())
    found = _fitted(facts, base) if base is not None else None
    refused = _refused(file) if kind == "LoRA" else ""
    return Inspection(
        path=facts.path,
        n_bytes=facts.path.stat().st_size,
        kind=kind,
        base=base_told(facts),
        parts=tuple(_part_facts(facts, found)),
        n_foreign=len(facts.foreign),
        unmatched=(*found.unmatched, *found.misshapen) if found else (),
        not_finite=tuple(not_finite(facts.path, facts.header)),
        triggers=trigger_candidates(facts.metadata),
        metadata=facts.metadata,
        hashes=digests(facts.path, facts.header),
        is_empty=not facts.header.tensors,
        refused=refused,
    )


def told(inspection: Inspection) -> str:
    """The page for a terminal, one fact a line; nothing in it comes unchanged from the file."""
    hashes = inspection.hashes
    lines = [
        f"file       {shown(str(inspection.path))} ({inspection.n_bytes:,} bytes)",
        f"kind       {inspection.kind}",
        f"made for   {_made_for(inspection)}",
        *(f"{PARTS[part.part]:<10} {_part_line(part)}" for part in inspection.parts),
        f"loads      {_loading(inspection)}",
        *(f"  {shown(one)}" for one in inspection.unmatched[:N_TRIGGERS]),
        f"trigger    {', '.join(map(shown, inspection.triggers)) or 'none is stated'}",
        f"sha256     {hashes.file}",
        f"tensors    {hashes.tensors[:_SHORT_HASH]} (sha256 of the tensors alone, {_SHORT_HASH} characters)",
        *_metadata_lines(inspection.metadata),
    ]
    return "\n".join(lines)


def as_json(inspection: Inspection) -> str:
    """The same as JSON in ASCII, whose texts are as they stand in the file, but cut where they are long."""
    value: dict[str, Any] = {
        "file": str(inspection.path),
        "bytes": inspection.n_bytes,
        "kind": inspection.kind,
        "made_for": inspection.base,
        "loads": inspection.loads,
        "parts": [
            {
                "part": part.part,
                "layers": part.n_layers,
                "ranks": dict(part.ranks),
                "scales": [{"scale": scale, "layers": n} for scale, n in part.scales],
                "matched": part.n_matched,
            }
            for part in inspection.parts
        ],
        "foreign_keys": inspection.n_foreign,
        "unmatched": list(inspection.unmatched),
        "not_finite": list(inspection.not_finite),
        "refused": inspection.refused,
        "triggers": list(inspection.triggers),
        "metadata": {key[:_KEY]: value[:_VALUE] for key, value in inspection.metadata.items()},
        "sha256": inspection.hashes.file,
        "tensors_sha256": inspection.hashes.tensors,
    }
    return json.dumps(value, indent=1)


_KEY, _VALUE = 200, 2000
"""Characters of a metadata's key and value that JSON keeps."""


def stated_trigger(metadata: Mapping[str, str]) -> str | None:
    """The phrase that an adapter's maker states; guesses are not among them."""
    return next((metadata[key].strip() for key in _PHRASES if metadata.get(key, "").strip()), None)


def trigger_candidates(metadata: Mapping[str, str]) -> tuple[str, ...]:
    """What may make an adapter show itself: phrases that its maker states, names of its folders, its commonest tags."""
    found = [metadata[key].strip() for key in _PHRASES if metadata.get(key, "").strip()]
    for folder in _table(metadata, "ss_dataset_dirs"):
        repeats, _, words = folder.partition("_")  # "10_sks dog": ten repeats of "sks dog"
        if repeats.isdecimal() and words.strip():
            found.append(words.strip())
    found += _common_tags(_table(metadata, "ss_tag_frequency").values())
    return tuple(dict.fromkeys(found))[:N_TRIGGERS]


def _common_tags(folders: Iterable[Any]) -> list[str]:
    counts: Counter[str] = Counter()
    for folder in folders:
        if isinstance(folder, dict):
            for tag, count in folder.items():
                if type(count) is int and count > 0 and tag.strip():
                    counts[tag.strip()] += count
    most = max(counts.values(), default=0)
    return [tag for tag, count in counts.most_common(N_TRIGGERS) if count >= _OFTEN * most]


def _table(metadata: Mapping[str, str], key: str) -> dict[str, Any]:
    """A table in the metadata; empty where there is none, it is huge, or it is none."""
    text = metadata.get(key, "")
    if not text or len(text) > _LONGEST_TABLE:
        return {}
    try:
        held = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return held if isinstance(held, dict) else {}


def _refused(file: Path) -> str:
    """What those who load adapters say against a file by its header alone."""
    try:
        screen(file)
    except AdapterError as reason:
        return str(reason)
    return ""


def _fitted(facts: AdapterFacts, base: Path) -> Fit:
    layers = base_layers(base)
    if not layers["unet"]:
        raise InvalidInputError(
            f"`--base` must be a diffusers folder whose `unet` holds safetensors. {str(base)!r} has none."
        )
    return fit(facts, layers)


def _part_facts(facts: AdapterFacts, found: Fit | None) -> Iterable[PartFacts]:
    for part in PARTS:
        layers = [layer for layer in facts.layers if layer.part == part]
        if layers:
            yield PartFacts(
                part=part,
                n_layers=len(layers),
                ranks=tuple(Counter(layer.rank for layer in layers).most_common()),
                scales=tuple(Counter(_rounded(layer) for layer in layers).most_common()),
                n_matched=None if found is None else sum(of == part for of, _ in found.matched),
            )


def _rounded(layer: AdaptedLayer) -> float:
    return float(f"{layer.factor:.6g}")


def _part_line(part: PartFacts) -> str:
    matched = "" if part.n_matched is None else f", {part.n_matched} of them in the base"
    ranks = _counted((f"{rank}", n) for rank, n in part.ranks)
    scales = _counted((f"{scale:g}", n) for scale, n in part.scales)
    return f"{part.n_layers} layers{matched}; rank {ranks}; alpha / rank {scales}"


def _counted(numbers: Iterable[tuple[str, int]]) -> str:
    held = list(numbers)
    if len(held) == 1:
        return held[0][0]
    more = f" and {len(held) - _SHOWN_NUMBERS} more" if len(held) > _SHOWN_NUMBERS else ""
    return ", ".join(f"{number} ({n})" for number, n in held[:_SHOWN_NUMBERS]) + more


def _made_for(inspection: Inspection) -> str:
    """The family of its base, or what is known instead."""
    if inspection.base != "unknown":
        return inspection.base
    stated = stated_base(inspection.metadata)
    lines = ["unknown: it has none of the sizes by which SD 1.x, SD 2.x, SDXL and Flux are told apart"]
    lines += ["it fits the base that was given"] if inspection.loads else []
    lines += [f"its maker names {shown(stated)!r}"] if stated else []
    return "; ".join(lines)


def _of_kind(kind: str) -> str:
    if kind == "a whole network":
        return "nothing is merged of a whole network; a level of a training is sampled from as it is"
    return f"only plain LoRA is merged here, and this is {'nothing that is known' if kind == 'unknown' else kind}"


def _loading(inspection: Inspection) -> str:
    if inspection.not_finite:
        return f"no: NaN or infinity in {shown(inspection.not_finite[0])!r}"
    if inspection.kind != "LoRA":
        return f"no: {'it holds no tensors' if inspection.is_empty else _of_kind(inspection.kind)}"
    if inspection.n_foreign:
        return f"no: {inspection.n_foreign} keys are spelled in no way that is read here"
    if inspection.refused:
        return f"no: {shown(inspection.refused, longest=_LONGEST_REASON)}"
    if inspection.loads is None:
        return "not compared with a base; add --base miniature, or --base FOLDER"
    if inspection.loads:
        return "whole"
    return f"no: {len(inspection.unmatched)} layers do not fit the base"


def _cut(text: str) -> str:
    """A value, and how long it is where it is too long to be shown."""
    return shown(text) if len(text) <= LONGEST else f"{shown(text)} ({len(text):,} characters)"


def _metadata_lines(metadata: Mapping[str, str]) -> list[str]:
    small = sorted(key for key in metadata if key not in _ASIDE)
    lines = [f"  {shown(key, longest=80)} = {_cut(metadata[key])}" for key in small[:_SHOWN_KEYS]]
    lines += [f"  {key}: {len(metadata[key]):,} characters" for key in _ASIDE if key in metadata]
    if len(small) > _SHOWN_KEYS:
        lines.append(f"  and {len(small) - _SHOWN_KEYS} more keys (--json has them)")
    return [f"metadata   {len(metadata)} entries" if metadata else "metadata   none", *lines]
