"""The former place of `baselines.settings`."""

from baselines.settings import (
    CompConSettings,
    GSCLIPSettings,
    ProposerSettings,
    ReleasedSettings,
    SpLiCESettings,
    TextSpanSettings,
    VisDiffSettings,
)

__all__ = [
    "CompConSettings", "GSCLIPSettings", "ProposerSettings", "ReleasedSettings", "SpLiCESettings", "TextSpanSettings",
    "VisDiffSettings",
]  # fmt: skip
