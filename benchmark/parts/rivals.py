"""How the rivals are built: one builder per kind, and what each uses; heavy imports are the business of a builder."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from benchmark.parts.dictionary import public_dictionary

if TYPE_CHECKING:
    from benchmark.parts.wiring import Parts


def _compcon(parts: "Parts") -> object:
    from baselines.compcon import CompCon
    from baselines.rival_settings import CompConSettings

    return CompCon(
        encoder=parts.encoder(),
        dictionary=public_dictionary(),
        settings=CompConSettings(**parts.config.options),
        name=parts.config.name,
    )


def _finexl_released(parts: "Parts") -> object:
    from baselines.finexl_released import ReleasedFineXL
    from baselines.rival_settings import ReleasedSettings

    return ReleasedFineXL(
        encoder=parts.encoder(),
        vlm=parts.vlm(),
        settings=ReleasedSettings(**parts.config.options),
        name=parts.config.name,
    )


def _gsclip(parts: "Parts") -> object:
    from baselines.gsclip import GSCLIP
    from baselines.rival_settings import GSCLIPSettings

    return GSCLIP(
        encoder=parts.encoder(),
        vlm=parts.vlm(),
        dictionary=public_dictionary(),
        settings=GSCLIPSettings(**parts.config.options),
        name=parts.config.name,
    )


def _gsclip_score(parts: "Parts") -> object:
    from baselines.gsclip import GSCLIPScores
    from baselines.rival_settings import GSCLIPSettings

    return GSCLIPScores(
        encoder=parts.encoder(),
        vlm=parts.vlm(),
        dictionary=public_dictionary(),
        settings=GSCLIPSettings(**parts.config.options),
        name=parts.config.name,
    )


def _gsclip_negation(parts: "Parts") -> object:
    from baselines.gsclip import GSCLIPScores
    from baselines.rival_settings import GSCLIPSettings

    return GSCLIPScores(
        encoder=parts.encoder(),
        vlm=parts.vlm(),
        dictionary=public_dictionary(),
        settings=GSCLIPSettings(**{**PUBLISHED_GSCLIP, **parts.config.options}),
        name=parts.config.name,
    )


PUBLISHED_GSCLIP = {"contrast": "negation", "test": "welch", "ranking": "p_value"}
"""GSCLIP's choices that its paper states, where ours are others."""


def _naive_text(parts: "Parts") -> object:
    from baselines.naive import NaiveSettings
    from baselines.naive_text import NaiveText

    return NaiveText(vlm=parts.vlm(), settings=NaiveSettings(**parts.config.options), name=parts.config.name)


def _splice(parts: "Parts") -> object:
    from baselines.rival_settings import SpLiCESettings
    from baselines.splice import SpLiCE

    return SpLiCE(
        encoder=parts.encoder(),
        dictionary=public_dictionary(),
        settings=SpLiCESettings(**parts.config.options),
        name=parts.config.name,
    )


def _textspan(parts: "Parts") -> object:
    from baselines.rival_settings import TextSpanSettings
    from baselines.textspan import TextSpan

    return TextSpan(
        encoder=parts.encoder(),
        dictionary=public_dictionary(),
        settings=TextSpanSettings(**parts.config.options),
        name=parts.config.name,
    )


def _visdiff(parts: "Parts") -> object:
    from baselines.rival_settings import VisDiffSettings
    from baselines.visdiff import VisDiff

    return VisDiff(
        encoder=parts.encoder(),
        vlm=parts.vlm(),
        settings=VisDiffSettings(**parts.config.options),
        name=parts.config.name,
    )


def _visdiff_auroc(parts: "Parts") -> object:
    from baselines.rival_settings import VisDiffSettings
    from baselines.visdiff import VisDiffAUROC

    return VisDiffAUROC(
        encoder=parts.encoder(),
        vlm=parts.vlm(),
        settings=VisDiffSettings(**parts.config.options),
        name=parts.config.name,
    )


RIVALS: "dict[str, Callable[[Parts], object]]" = {
    "compcon": _compcon,
    "finexl_released": _finexl_released,
    "gsclip": _gsclip,
    "gsclip_negation": _gsclip_negation,
    "gsclip_score": _gsclip_score,
    "naive_text": _naive_text,
    "splice": _splice,
    "textspan": _textspan,
    "visdiff": _visdiff,
    "visdiff_auroc": _visdiff_auroc,
}
USES: dict[str, tuple[str, ...]] = {
    "compcon": ("dictionary", "encoder"),
    "finexl_released": ("encoder", "vlm"),
    "gsclip": ("dictionary", "encoder", "vlm"),
    "gsclip_negation": ("dictionary", "encoder", "vlm"),
    "gsclip_score": ("dictionary", "encoder", "vlm"),
    "naive_text": ("vlm",),
    "splice": ("dictionary", "encoder"),
    "textspan": ("dictionary", "encoder"),
    "visdiff": ("encoder", "vlm"),
    "visdiff_auroc": ("encoder", "vlm"),
}
