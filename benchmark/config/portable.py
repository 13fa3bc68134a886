"""Settings as JSON values that mean the same in any process and working folder."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from benchmark.config.loading import PATHS
from benchmark.config.settings import ExplainerConfig, Settings
from benchmark.parts.strangers import absolute
from benchmark.parts.wiring import public_settings

BUILDING = ("explainer", "explainer_settings", "encoder", "vlm", "seed")
"""Keys that say of what an explainer is built."""


def portable_settings(settings: Settings) -> dict[str, Any]:
    """What `config.settings_from` makes these settings of again, with every path absolute."""
    explainers = tuple(map(_portable, settings.explainers))
    plain = public_settings(replace(settings, explainers=explainers))
    plain |= {
        "vlm": asdict(settings.vlm),
        "reader": asdict(settings.reader),
    }  # recordings and ledgers included
    return _absolute({**plain, "output": str(settings.output), "store": str(settings.store)})


def _portable(explainer: ExplainerConfig) -> ExplainerConfig:
    if ":" not in explainer.kind:
        return explainer
    return replace(explainer, kind=absolute(explainer.kind))


def _absolute(values: dict[str, Any]) -> dict[str, Any]:
    """The values with what lies under the name of a path made absolute, at any depth."""
    return {name: _absolute_value(name, value) for name, value in values.items()}


def _absolute_value(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return _absolute(value)
    return str(Path(value).expanduser().absolute()) if name in PATHS and isinstance(value, str) else value
