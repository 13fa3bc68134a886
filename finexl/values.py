"""The values that travel between generators, explainers and readers (paper §3)."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from jaxtyping import UInt8
from PIL import Image

from finexl.errors import InvalidInputError
from finexl.pictures import as_pictures


class ImageStack(Sequence[Image.Image]):
    """An immutable sequence of equally sized RGB images over one uint8 array of shape (n, h, w, 3).

    Images are made when they are looked at, carry no metadata, and all have the same size in bytes.
    """

    __slots__ = ("_pixels",)

    def __init__(self, pixels: UInt8[np.ndarray, "n h w 3"]) -> None:
        if pixels.dtype != np.uint8 or pixels.ndim != 4 or pixels.shape[3] != 3:
            raise InvalidInputError(
                "An image stack must be a uint8 array of shape (n, h, w, 3). "
                f"Got {pixels.dtype} {pixels.shape!r}. Convert the images to RGB first."
            )
        self._pixels = pixels

    @property
    def pixels(self) -> UInt8[np.ndarray, "n h w 3"]:
        """A read-only view of the pixels, shape (n, h, w, 3)."""
        view = self._pixels.view()
        view.flags.writeable = False
        return view

    def __len__(self) -> int:
        return len(self._pixels)

    def __getitem__(self, index):  # type: ignore[override]  # one signature for int and slice
        if isinstance(index, slice):
            return ImageStack(self._pixels[index])
        return Image.fromarray(self._pixels[index])


@dataclass(frozen=True, slots=True, kw_only=True, init=False)
class ImagePairs:
    """n prompts, each with a base and a personalized image made from the same prompt and noise.

    This is all an explainer ever sees of a model. `id` is opaque: it says nothing about the truth. Pictures may be
    given as PIL images, uint8 arrays or paths; explainers see PIL images as people see them (`finexl.pictures`).

    Raises:
        InvalidInputError: They do not pair up, or something is no picture or no prompt.
    """

    prompts: tuple[str, ...]
    base: Sequence[Image.Image]
    personalized: Sequence[Image.Image]
    id: str = "pairs"

    def __init__(self, *, prompts: Any, base: Any, personalized: Any, id: str = "pairs") -> None:
        object.__setattr__(self, "prompts", _prompts(prompts))
        object.__setattr__(self, "base", as_pictures(base, role="base"))
        object.__setattr__(self, "personalized", as_pictures(personalized, role="personalized"))
        object.__setattr__(self, "id", id)
        counts = (len(self.prompts), len(self.base), len(self.personalized))
        if len(set(counts)) != 1 or counts[0] == 0:
            raise InvalidInputError(
                "Image pairs must hold as many prompts as base and personalized images, and at least one. "
                f"Got {counts[0]} prompts, {counts[1]} base and {counts[2]} personalized images."
            )

    def __len__(self) -> int:
        return len(self.prompts)


def _prompts(given: Any) -> tuple[str, ...]:
    if isinstance(given, str):
        raise InvalidInputError(
            f"`prompts` must be a sequence of texts, one per pair. Got {given!r}. "
            "Where all pairs come from one prompt, repeat it: [prompt] * len(base)."
        )
    if isinstance(given, Set | Mapping | bytes) or not isinstance(given, Iterable):
        raise InvalidInputError(
            f"`prompts` must be a sequence of texts, one per pair in their order. Got one {type(given).__name__}. "
            "Give a list."
        )
    prompts: list[str] = []
    for place, prompt in enumerate(given):
        if not isinstance(prompt, str):
            raise InvalidInputError(f"`prompts[{place}]` must be a text. Got {prompt!r}.")
        if not _is_unicode(prompt):
            raise InvalidInputError(f"`prompts[{place}]` must be valid Unicode. Got {prompt!r}.")
        prompts.append(prompt)
    return tuple(prompts)


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A low-level concept Cᵢ in words with a signed amount, its score wᵢ of Eq. 10; below zero = less of it."""

    concept: str
    amount: float

    def __post_init__(self) -> None:
        if not np.isfinite(self.amount):
            raise InvalidInputError(
                f"The amount of concept {self.concept!r} must be finite. Got {self.amount!r}."
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredExplanation:
    """Claims with amounts; none at all says "no detectable change", which is an answer and not a failure.

    `residual` is the unexplained share of V_div in [0, ∞), None where undefined.
    """

    claims: tuple[Claim, ...]
    residual: float | None = None
    notes: dict[str, float | int | str] = field(default_factory=dict)
    """Diagnostics worth recording (n_proposed, n_admitted, condition number...); never read by a reader."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextExplanation:
    """An explanation in free text; a reader turns it into levels (App. C)."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoExplanation:
    """An explainer's typed failure: it was refused, got nothing usable, or raised."""

    reason: str
    """One of: refused, empty, cut, unparsable, timeout, failed."""
    detail: str = ""


AnyExplanation = ScoredExplanation | TextExplanation | NoExplanation
