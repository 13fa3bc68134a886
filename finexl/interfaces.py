"""The roles that parts of the suite play for each other: small protocols, implemented elsewhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float, UInt8
from PIL import Image
from torch import Tensor

from finexl.values import AnyExplanation, ImagePairs


@runtime_checkable
class ImageGenerator(Protocol):
    """The paper's G (Eq. 1): x = G(t, z), with z fixed by the seed of each prompt."""

    def sample(self, prompts: Sequence[str], seeds: Sequence[int]) -> UInt8[np.ndarray, "n h w 3"]:
        """One image per prompt; the same prompt and seed give the same image whatever the batch."""
        ...


@runtime_checkable
class Encoder(Protocol):
    """Image and text embeddings of one aligned space (§4.1, §4.3)."""

    @property
    def id(self) -> str:
        """Names architecture, weights and preprocessing; equal ids mean equal embeddings."""
        ...

    def embed_images(self, images: Sequence[Image.Image]) -> Float[Tensor, "n d"]:
        """One L2-normalised float32 row per image, on the CPU."""
        ...

    def embed_texts(self, texts: Sequence[str]) -> Float[Tensor, "n d"]:
        """One L2-normalised float32 row per text, on the CPU."""
        ...


class Task(StrEnum):
    """What a vision-language model is asked to do."""

    DIFFERENCES = "differences"
    """images = base, personalized, base, personalized, ...; answer: a comma-separated list of concepts (Fig. 5)."""
    SCORED_ASPECTS = "scored_aspects"
    """same images; answer: JSON [{"aspect": str, "score": 1..10}, ...] (the naive method of §5)."""
    DESCRIBE = "describe"
    """images = one image; answer: a caption."""
    JUDGE = "judge"
    """no images; text = an explanation and aspects; answer: JSON {"<aspect>": 0..10 | null} (App. C)."""
    MATCH = "match"
    """no images; text = a few words and a list of aspects; answer: the aspect that they name, or "none" (§6.6)."""
    PROPOSE = "propose"
    """no images; text holds captions of two groups (`finexl.captions`); answer: a list of hypotheses, one per line
    after "- " (VisDiff)."""
    COMPARE = "compare"
    """images = base, personalized, base, personalized, ...; answer: free text with words of degree."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One request to a vision-language model.

    A chat model is sent `text` and `images`; a closed-vocabulary model answers from `task` and `images`.
    """

    task: Task
    text: str
    images: tuple[Image.Image, ...] = ()
    schema: Mapping[str, object] | None = None
    """JSON schema of the answer, for models that can be held to one; None = the task's own, or free text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a vision-language model said, verbatim."""

    text: str
    n_input_tokens: int = 0
    n_output_tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NoReply:
    """A question that got no answer. `reason` is one of: refused, empty, cut, unparsable, timeout, failed."""

    reason: str
    detail: str = ""


@runtime_checkable
class VLM(Protocol):
    """A vision-language model; it returns typed non-answers and never invents text."""

    @property
    def id(self) -> str:
        """Names model, weights, prompt handling and sampling settings."""
        ...

    def ask(self, questions: Sequence[Question]) -> tuple[Reply | NoReply, ...]:
        """One outcome per question, in order; implementations batch or parallelise as they like."""
        ...


@runtime_checkable
class Explainer(Protocol):
    """Explains one personalized model from its image pairs alone."""

    @property
    def name(self) -> str: ...

    def explain(self, pairs: ImagePairs) -> AnyExplanation:
        """Say in which aspects, and how much, the personalized images differ from the base images."""
        ...


@runtime_checkable
class JointExplainer(Protocol):
    """Explains a group of models that are to be compared, together; order carries no meaning."""

    @property
    def name(self) -> str: ...

    def explain_jointly(self, group: Sequence[ImagePairs]) -> tuple[AnyExplanation, ...]:
        """One explanation per model, in the order given."""
        ...
