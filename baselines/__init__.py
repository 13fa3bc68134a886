"""The rivals of FineXL and the control rows; names are re-exported lazily, without importing torch."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from baselines.captioners import load_captioner
    from baselines.captioning.explainers import ManyPairsCaption, OnePairCaption
    from baselines.compcon import CompCon
    from baselines.controls import ConstantScores, DivergenceNorm, RandomScores
    from baselines.finexl_released import ReleasedFineXL
    from baselines.gsclip import GSCLIP, GSCLIPScores
    from baselines.naive import NaiveSettings, NaiveVLM
    from baselines.naive_text import NaiveText
    from baselines.oracle import OracleConcepts, OracleProbe, fit_probe
    from baselines.settings import (
        CompConSettings,
        GSCLIPSettings,
        ProposerSettings,
        ReleasedSettings,
        SpLiCESettings,
        TextSpanSettings,
        VisDiffSettings,
    )
    from baselines.splice import SpLiCE
    from baselines.textspan import TextSpan
    from baselines.visdiff import VisDiff, VisDiffAUROC

_HOME = {
    "CompCon": "baselines.compcon",
    "CompConSettings": "baselines.settings",
    "ConstantScores": "baselines.controls",
    "DivergenceNorm": "baselines.controls",
    "ManyPairsCaption": "baselines.captioning.explainers",
    "GSCLIP": "baselines.gsclip",
    "GSCLIPScores": "baselines.gsclip",
    "GSCLIPSettings": "baselines.settings",
    "NaiveSettings": "baselines.settings",
    "NaiveText": "baselines.naive_text",
    "NaiveVLM": "baselines.naive",
    "OnePairCaption": "baselines.captioning.explainers",
    "OracleConcepts": "baselines.oracle",
    "OracleProbe": "baselines.oracle",
    "ProposerSettings": "baselines.settings",
    "RandomScores": "baselines.controls",
    "ReleasedFineXL": "baselines.finexl_released",
    "ReleasedSettings": "baselines.settings",
    "SpLiCE": "baselines.splice",
    "SpLiCESettings": "baselines.settings",
    "TextSpan": "baselines.textspan",
    "TextSpanSettings": "baselines.settings",
    "VisDiff": "baselines.visdiff",
    "VisDiffAUROC": "baselines.visdiff",
    "VisDiffSettings": "baselines.settings",
    "fit_probe": "baselines.oracle",
    "load_captioner": "baselines.captioners",
}

__all__ = [
    "GSCLIP",
    "CompCon",
    "CompConSettings",
    "ConstantScores",
    "DivergenceNorm",
    "GSCLIPScores",
    "GSCLIPSettings",
    "ManyPairsCaption",
    "NaiveSettings",
    "NaiveText",
    "NaiveVLM",
    "OnePairCaption",
    "OracleConcepts",
    "OracleProbe",
    "ProposerSettings",
    "RandomScores",
    "ReleasedFineXL",
    "ReleasedSettings",
    "SpLiCE",
    "SpLiCESettings",
    "TextSpan",
    "TextSpanSettings",
    "VisDiff",
    "VisDiffAUROC",
    "VisDiffSettings",
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
