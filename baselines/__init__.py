"""The rivals of FineXL and the control rows; names are re-exported lazily, without importing torch."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from baselines.captioners import load_captioner
    from baselines.captioning.explainers import ManyPairsCaption, OnePairCaption
    from baselines.controls import ConstantScores, DivergenceNorm, RandomScores
    from baselines.naive import NaiveSettings, NaiveVLM
    from baselines.oracle import OracleConcepts, OracleProbe, fit_probe

_HOME = {
    "ConstantScores": "baselines.controls",
    "DivergenceNorm": "baselines.controls",
    "ManyPairsCaption": "baselines.captioning.explainers",
    "NaiveSettings": "baselines.naive",
    "NaiveVLM": "baselines.naive",
    "OnePairCaption": "baselines.captioning.explainers",
    "OracleConcepts": "baselines.oracle",
    "OracleProbe": "baselines.oracle",
    "RandomScores": "baselines.controls",
    "fit_probe": "baselines.oracle",
    "load_captioner": "baselines.captioners",
}

__all__ = [
    "ConstantScores",
    "DivergenceNorm",
    "ManyPairsCaption",
    "NaiveSettings",
    "NaiveVLM",
    "OnePairCaption",
    "OracleConcepts",
    "OracleProbe",
    "RandomScores",
    "fit_probe",
    "load_captioner",
]


def __getattr__(name: str) -> Any:
    """Import a public name's module on first use."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
