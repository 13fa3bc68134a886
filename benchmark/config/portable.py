"""Settings as JSON values that mean the same in any process and working folder."""

from dataclasses import replace
from typing import Any

from benchmark.config.settings import ExplainerConfig, Settings, plain
from benchmark.parts.explainers import is_from_elsewhere
from benchmark.parts.strangers import absolute

BUILDING = ("explainer", "explainer_settings", "encoder", "vlm", "seed")
"""Keys that say of what an explainer is built."""


def portable_settings(given: Settings) -> dict[str, Any]:
    """What `config.settings_from` makes these settings of again, with every path absolute."""
    return plain(replace(given, explainers=tuple(map(_portable, given.explainers))), absolute=True)


def _portable(explainer: ExplainerConfig) -> ExplainerConfig:
    if not is_from_elsewhere(explainer.kind):
        return explainer
    return replace(explainer, kind=absolute(explainer.kind))
