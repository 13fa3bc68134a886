"""What an entry of a leaderboard tells beside explanations: what was measured, and what its authors fill in."""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from benchmark import __version__
from benchmark.bundle.answers import CONCEPT, ExplainedGroup, clean
from benchmark.bundle.asked import Asked
from benchmark.parts.explainers import (
    ENCODER,
    EXPLAINERS,
    MODEL,
    ExplainerConfig,
    is_from_elsewhere,
    options_of,
    track_of,
    uses_of,
)
from benchmark.parts.identity import digest
from benchmark.parts.vlms import vlm_identity


def vlm_name(asked: Asked) -> str:
    """The model that is asked, by name and by a hash of what its answers depend on."""
    given = asked.settings.vlm
    return f"{given.name} {digest(vlm_identity(given))[:12]}"


def measured(asked: Asked, records: Sequence[ExplainedGroup]) -> dict[str, Any]:
    """What of an entry is found out and not told by its authors."""
    explainer, settings = asked.explainer, asked.settings
    uses = uses_of(explainer)
    encoder = f"{settings.encoder.name} {digest(settings.encoder.identity)[:12]}"
    return {
        "code_sha256": sha256(records[0].key.explainer_key.encode()).hexdigest(),
        "costs": {
            "vlm_tokens": sum(record.vlm_tokens for record in records),
            "dollars": None,
            "peak_memory_mb": max((record.peak_memory_mb for record in records), default=0.0),
        },
        "encoder": encoder if ENCODER in uses else None,
        "seeds": [settings.seed],
        **class_and_settings(explainer),
        "track": track_of(explainer),
        "vlms": [vlm_name(asked)] if MODEL in uses else [],
    }


def class_and_settings(explainer: ExplainerConfig) -> dict[str, Any]:
    """What an entry tells of its explainer's class and settings."""
    return {
        "settings": {
            name: _setting(value) for name, value in options_of(explainer).items() if name != "folder"
        },
        "target": _target(explainer),
    }


def facts(asked: Asked) -> dict[str, Any]:
    """What authors tell; of explainers from elsewhere they fill in what is empty."""
    is_ours = not is_from_elsewhere(asked.explainer.kind)
    return {
        "name": name_and_class(asked.explainer)["name"],
        "version": __version__ if is_ours else "1.0.0",
        "authors": ["FineXL suite"] if is_ours else [],
        "link": "https://arxiv.org/abs/2511.01932" if is_ours else "",
        "license": "Apache-2.0" if is_ours else "",
        "division": "explainer",
        "judge": None,
        "requirement": None,
        "claimed": [],
    }


def name_and_class(explainer: ExplainerConfig) -> dict[str, str]:
    """Who an entry says its explainer is, unless its authors name it otherwise."""
    target = _target(explainer)
    is_ours = not is_from_elsewhere(explainer.kind)
    return {"name": explainer.name if is_ours else target.partition(":")[2].lower(), "target": target}


def _target(explainer: ExplainerConfig) -> str:
    if not is_from_elsewhere(explainer.kind):
        return EXPLAINERS[explainer.kind].target
    place, _, name = explainer.kind.rpartition(":")
    return f"{Path(place).stem if place.endswith('.py') else place}:{name}"


def _setting(value: Any) -> bool | int | float | str:
    match value:
        case bool() | int() | float():
            return value
        case _:
            return clean(str(value), lines=False)[:CONCEPT] or "none"
