"""How a local chat model is asked: everything that its answers depend on beside its weights.

This file does not need torch, so that command lines can check and hash the settings at once.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Literal

from finexl.errors import InvalidInputError

Precision = Literal["float32", "bfloat16", "float16"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalSettings:
    """Which model runs, where, and how it samples."""

    model: str
    """A folder, or an id on the hub that is in the local cache or can be fetched."""
    revision: str | None = None
    """A commit of the hub id."""
    device: str = "cpu"
    dtype: Precision = "float32"
    temperature: float = 0.0
    """0 = the likeliest word each time."""
    seed: int = 0
    max_tokens: int = 256
    """Longest answer."""

    def __post_init__(self) -> None:
        if self.max_tokens < 1 or not 0 <= self.temperature <= 2:
            raise InvalidInputError(
                "`max_tokens` must be at least 1 and `temperature` in [0, 2]. "
                f"Got {self.max_tokens!r} and {self.temperature!r}."
            )

    @property
    def identity(self) -> Mapping[str, str | int | float | None]:
        """What answers depend on beside question and weights; a model's place is none of it."""
        facts = asdict(self) | {"device": self.device.partition(":")[0]}
        return {name: value for name, value in facts.items() if name != "model"}
