"""FineXL: explain how a personalized image generator differs from its base, in scored words.

Names are re-exported lazily: `import finexl` does not import torch. The function `divergence` stays in its
module, since `finexl.divergence` is that module.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from finexl.concepts import ConceptTemplate, concept_vectors
    from finexl.decomposition import Decomposition, decompose
    from finexl.discovery import Discovery, discover, parse_concepts
    from finexl.divergence import per_prompt_shift
    from finexl.encoders.cache import CachedEncoder
    from finexl.encoders.open_clip import OpenClipEncoder, load_open_clip, load_pretrained
    from finexl.errors import EncoderError, FinexlError, InvalidInputError, UnknownNameError, VLMError
    from finexl.explainer import FineXL, explain_with_concepts
    from finexl.interfaces import VLM, Encoder, Explainer, ImageGenerator, JointExplainer
    from finexl.settings import FineXLSettings
    from finexl.toy import ToyWorld
    from finexl.values import (
        Explanation,
        ImagePairs,
        ImageStack,
        NoExplanation,
        ScoredConcept,
        ScoredExplanation,
        TextExplanation,
    )

_NAMES_OF_MODULES = {
    "finexl.concepts": ("ConceptTemplate", "concept_vectors"),
    "finexl.decomposition": ("Decomposition", "decompose"),
    "finexl.discovery": ("Discovery", "discover", "parse_concepts"),
    "finexl.divergence": ("per_prompt_shift",),
    "finexl.encoders.cache": ("CachedEncoder",),
    "finexl.encoders.open_clip": ("OpenClipEncoder", "load_open_clip", "load_pretrained"),
    "finexl.errors": ("EncoderError", "FinexlError", "InvalidInputError", "UnknownNameError", "VLMError"),
    "finexl.explainer": ("FineXL", "explain_with_concepts"),
    "finexl.interfaces": ("VLM", "Encoder", "Explainer", "ImageGenerator", "JointExplainer"),
    "finexl.settings": ("FineXLSettings",),
    "finexl.toy": ("ToyWorld",),
    "finexl.values": (
        "Explanation",
        "ImagePairs",
        "ImageStack",
        "NoExplanation",
        "ScoredConcept",
        "ScoredExplanation",
        "TextExplanation",
    ),
}
_HOME = {name: module for module, names in _NAMES_OF_MODULES.items() for name in names}

__all__ = [
    "VLM",
    "CachedEncoder",
    "ConceptTemplate",
    "Decomposition",
    "Discovery",
    "Encoder",
    "EncoderError",
    "Explainer",
    "Explanation",
    "FineXL",
    "FineXLSettings",
    "FinexlError",
    "ImageGenerator",
    "ImagePairs",
    "ImageStack",
    "InvalidInputError",
    "JointExplainer",
    "NoExplanation",
    "OpenClipEncoder",
    "ScoredConcept",
    "ScoredExplanation",
    "TextExplanation",
    "ToyWorld",
    "UnknownNameError",
    "VLMError",
    "concept_vectors",
    "decompose",
    "discover",
    "explain_with_concepts",
    "load_open_clip",
    "load_pretrained",
    "parse_concepts",
    "per_prompt_shift",
]


def __getattr__(name: str) -> Any:
    """Import a public name's module on first use."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(_HOME[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
