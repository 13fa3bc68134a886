"""What questions cost: tokens estimated before they are asked, and dollars per million tokens.

This file does not need torch, so that command lines can show estimates at once. Prices go out of date: those below
are a convenience, and settings override them.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from finexl.errors import InvalidInputError

BYTES_PER_TOKEN = 3
"""English has about four; estimates must rather be too large, since budgets stop by them."""
TOKENS_PER_MESSAGE = 20
"""Roles and separators around a question."""
_DATED = re.compile(r"-\d{4}-\d{2}-\d{2}$")
_LONG_SIDE, _SHORT_SIDE, _TILE, _PATCH = 2048, 768, 512, 28


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """US dollars per million tokens."""

    input: float
    output: float

    def __post_init__(self) -> None:
        if not all(math.isfinite(each) and each >= 0 for each in (self.input, self.output)):
            raise InvalidInputError(f"Prices must be finite and not negative. Got {self!r}.")

    def nanodollars(self, *, n_input_tokens: int, n_output_tokens: int) -> int:
        """What so many tokens cost; whole numbers, so that sums of many calls are exact."""
        return round(1000 * (n_input_tokens * self.input + n_output_tokens * self.output))


# List prices without batch or cache discounts, as several public price lists quoted OpenAI's page in 2026-05.
PRICES: dict[str, Price] = {
    "gpt-4o": Price(input=2.5, output=10.0),
    "gpt-4o-2024-05-13": Price(input=5.0, output=15.0),
    "gpt-4o-mini": Price(input=0.15, output=0.6),
    "gpt-4.1": Price(input=2.0, output=8.0),
    "gpt-4.1-mini": Price(input=0.4, output=1.6),
    "gpt-4.1-nano": Price(input=0.1, output=0.4),
    "gpt-5": Price(input=1.25, output=10.0),
    "gpt-5-mini": Price(input=0.25, output=2.0),
    "gpt-5-nano": Price(input=0.05, output=0.4),
}
"""OpenAI's models by name; a dated name has the price of the name without the date, unless it is listed."""

# Tokens of an image without and per tile of 512 pixels, from OpenAI's vision guide, as quoted in openai-python#2851.
_TILES: dict[str, tuple[int, int]] = {"gpt-4o": (85, 170), "gpt-4.1": (85, 170), "gpt-4o-mini": (2833, 5667)}


def price_of(model: str) -> Price | None:
    """The listed price of one of OpenAI's models; None for others.

    >>> price_of("gpt-4o-2024-08-06")
    Price(input=2.5, output=10.0)
    """
    return PRICES.get(model) or PRICES.get(_DATED.sub("", model))


def image_tokens(size: tuple[int, int], *, model: str, detail: str = "high") -> int:
    """About how many tokens an image of (width, height) pixels is.

    OpenAI's tiled models count tiles of 512 pixels after shrinking the image to 2048 × 2048 and its shorter side to
    768, or none where the detail is `low`; others are taken to count patches of 28 pixels, as Qwen2-VL does, or as
    many tokens as GPT-4o would, whichever is more.
    """
    name = _DATED.sub("", model)
    base, per_tile = _TILES.get(name, _TILES["gpt-4o"])
    tiled = base + (0 if detail == "low" and name in _TILES else per_tile * _tiles(size))
    if name in _TILES:
        return tiled
    return max(tiled, math.ceil(size[0] / _PATCH) * math.ceil(size[1] / _PATCH))


def input_tokens(
    text: str, sizes: Iterable[tuple[int, int]] = (), *, model: str, detail: str = "high"
) -> int:
    """About how many tokens a question is, rather too many than too few."""
    of_text = math.ceil(len(text.encode("utf-8", "replace")) / BYTES_PER_TOKEN)
    return (
        TOKENS_PER_MESSAGE + of_text + sum(image_tokens(size, model=model, detail=detail) for size in sizes)
    )


def _tiles(size: tuple[int, int]) -> int:
    width, height = size
    shrink = min(1.0, _LONG_SIDE / max(width, height))
    shrink *= min(1.0, _SHORT_SIDE / (shrink * min(width, height)))
    return math.ceil(round(width * shrink, 6) / _TILE) * math.ceil(round(height * shrink, 6) / _TILE)
