"""Settings that applied: of all that a run was given, what its scenarios, method and explainers made use of."""

from collections.abc import Mapping
from typing import Any

from benchmark.parts.explainers import ENCODER, EXPLAINERS, MODEL

_SIZE_OF = {
    "n_pairs": {"multi_aspect"},
    "pair_steps": {"multi_aspect", "fine_grained", "nuisance"},
    "n_fine_groups": {"fine_grained"},
    "n_nuisance_groups": {"nuisance"},
}
"""Sizes of a preset that only these scenarios read."""
_USED_AS = {"vlm": MODEL, "encoder": ENCODER}


def applied(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that a run wrote down without those that nothing read: sizes of other scenarios, what presets are
    expected to take, rates of other methods, models that nobody was given, and what is not set.
    """
    shown = dict(settings)
    scenarios = {scenario["name"] for scenario in settings.get("scenarios", ())}
    if "preset" in shown:
        shown["preset"] = {
            name: value
            for name, value in shown["preset"].items()
            if name != "expected" and (name not in _SIZE_OF or scenarios & _SIZE_OF[name])
        }
    if rates := shown.get("generator", {}).get("method_rates"):
        method = shown["generator"].get("method")
        shown["generator"] = {**shown["generator"], "method_rates": {method: rates.get(method, {})}}
    kinds = {explainer["kind"] for explainer in settings.get("explainers", ())}
    for part, use in _USED_AS.items():
        # what comes from elsewhere has no row: it may use anything
        if part in shown and all(kind in EXPLAINERS and use not in EXPLAINERS[kind].uses for kind in kinds):
            del shown[part]
    for part, key in (("scenarios", "name"), ("explainers", "name")):
        if part in shown:
            shown[part] = {one[key]: {k: v for k, v in one.items() if k != key} for one in shown[part]}
    return _set(shown)


def dotted(values: Mapping[str, object], prefix: str = "") -> dict[str, str]:
    """Nested settings as one list of dotted names."""
    found: dict[str, str] = {}
    for name, value in values.items():
        is_nested = isinstance(value, Mapping)
        found |= dotted(value, f"{prefix}{name}.") if is_nested else {f"{prefix}{name}": _text(value)}
    return found


def _text(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _set(values: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is None or empty."""
    kept = {name: _set(value) if isinstance(value, Mapping) else value for name, value in values.items()}
    return {name: value for name, value in kept.items() if value is not None and value not in ([], {}, ())}
