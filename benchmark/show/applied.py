"""Settings that applied: of all that a run was given, what its scenarios, method and explainers made use of."""

from collections.abc import Collection, Mapping
from typing import Any

from benchmark.parts.explainers import ENCODER, EXPLAINERS, MODEL, PROBE

_NUISANCE = {"nuisance", "nuisance_free"}
_MIXED = {"multi_aspect", "fine_grained", *_NUISANCE}
_LADDERS = {"single_aspect", "sparse", "strength", "unchanged"}
_LESSONS = "lessons"
"""The models from which a probe learns, which are trained too."""
_TRAINED = {*_MIXED, *_LADDERS, _LESSONS}
_READ_BY: Mapping[str, Mapping[str, set[str]]] = {
    "preset": {
        "n_series": {*_LADDERS, "subject"},
        "n_levels": {*_LADDERS, "subject"},
        **dict.fromkeys(("first_step", "steps_per_level"), _LADDERS),
        "n_pairs": {"multi_aspect"},
        "pair_steps": _MIXED,
        "n_fine_groups": {"fine_grained"},
        "n_nuisance_groups": _NUISANCE,
        "oracle_steps": {_LESSONS},
        **dict.fromkeys(("rate_factor", "averages", "n_images"), _TRAINED),
    },
    "generator": {
        "pair_learning_rate": {*_MIXED, _LESSONS},
        "directions": {"subject"},
        "versions": {"versions"},
        **dict.fromkeys(
            ("learning_rate", "learning_rates", "method_rates", "ema_decay", "batch_size", "caption_dropout"),
            _TRAINED,
        ),
        **dict.fromkeys(("accumulate", "gradient_checkpointing", "training_precision", "strategy"), _TRAINED),
    },
}
"""Settings that only these scenarios read."""
_OF_METHODS = ("learning_rate", "pair_learning_rate", "learning_rates", "ema_decay")
"""What a method's own rates stand in place of."""
_OF_DIFFUSION = ("n_sampling_steps", "caption_dropout", "adapter", "adapter_scale")


def applied(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that a run wrote down without those that nothing read: sizes and rates of other scenarios, methods
    and families, what presets are expected to take, models that nobody was given, and what is not set.
    """
    shown = dict(settings)
    kinds = {explainer["kind"] for explainer in settings.get("explainers", ())}
    uses = {use for kind in kinds & {*EXPLAINERS} for use in EXPLAINERS[kind].uses}
    outside = kinds - {*EXPLAINERS}  # what comes from elsewhere has no row: it may use anything
    runs = {scenario["name"] for scenario in settings.get("scenarios", ())}
    runs |= {_LESSONS} if PROBE in uses else set()
    for part, readers in _READ_BY.items():
        if part in shown:
            shown[part] = {
                name: value
                for name, value in shown[part].items()
                if name != "expected" and (name not in readers or runs & readers[name])
            }
    if "generator" in shown:
        shown["generator"] = _of_generator(shown["generator"], runs)
    for part, use in (("vlm", MODEL), ("encoder", ENCODER)):
        if part in shown and not outside and use not in uses:
            del shown[part]
    if not outside:
        shown.pop("explainer_memory_gb", None)
    for part, key in (("scenarios", "name"), ("explainers", "name")):
        if part in shown:
            shown[part] = {one[key]: {k: v for k, v in one.items() if k != key} for one in shown[part]}
    return _set(shown)


def _of_generator(given: Mapping[str, Any], runs: Collection[str]) -> dict[str, Any]:
    """A generator's settings without those of other methods and families, and rates that another one stands for."""
    shown = dict(given)
    own = {**shown.pop("method_rates", {}).get(given.get("method"), {})}
    rates = own or shown
    if rates.get("pair_learning_rate") is not None and not {*runs} - _MIXED - {_LESSONS}:
        rates.pop("learning_rate", None)
    if not {*runs} & {*_MIXED, _LESSONS}:
        rates.pop("pair_learning_rate", None)
    if own:
        shown = {name: value for name, value in shown.items() if name not in _OF_METHODS}
        shown["method_rates"] = {given["method"]: own}
    if given.get("family", "diffusion") != "diffusion":
        shown = {name: value for name, value in shown.items() if name not in _OF_DIFFUSION}
    if not given.get("adapter"):
        shown.pop("adapter_scale", None)
    if given.get("devices", 1) == 1:
        shown.pop("strategy", None)
    return shown


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
