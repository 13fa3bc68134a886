"""Prompts and sizes that these tests share."""

from collections.abc import Callable
from pathlib import Path

from transformers import PreTrainedModel

PROMPTS = ("a red house in a field", "a blue fish at night", "a green star in the sky")
SEEDS = (3, 1, 2)
N_CODES, GRID, PROMPT_LENGTH = 12, (4, 4), 16
Save = Callable[[Path, PreTrainedModel], Path]
"""Writes a generator's folder around a language model."""
