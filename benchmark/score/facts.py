"""What a number of a metric is compared with, and what metrics share that need no torch.

Functions score; the torchmetrics classes around them (`benchmark.score.row_metric`) are for loops and processes that
gather results piece by piece. They are found in the modules of their functions too, where they are made when asked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module

from finexl.errors import InvalidInputError

TIE = 1e-9
"""Distances that differ by less are a tie; spreads below this share of the values are none."""
Readings = Sequence[Sequence[float] | None]
"""What was read of each model of a group, one number per aspect; None where unreadable."""
Truths = Sequence[Sequence[int]]
"""What is true of each model of a group, one number per aspect."""


class Direction(StrEnum):
    """Which way is better."""

    LOWER = "lower"
    HIGHER = "higher"


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricFacts:
    """What a number of a metric is to be compared with."""

    name: str
    direction: Direction
    best: float
    worst: float
    chance: float
    """Expected score of an answer without information."""


def share_facts(name: str, chance: float) -> MetricFacts:
    """The facts of a share of right answers."""
    return MetricFacts(name=name, direction=Direction.HIGHER, best=1.0, worst=0.0, chance=chance)


def one_of(n: int, what: str) -> float:
    """The chance to hit one of `n`; InvalidInputError where there is none."""
    if n < 1:
        raise InvalidInputError(f"There must be at least one of the {what} to choose from. Got {n}.")
    return 1 / n


def late(wanted: str, name: str, *, module: str) -> object:
    """The torchmetrics class of a module for its `__getattr__`: importing it takes torch.

    Raises:
        AttributeError: Another name was asked for.
    """
    if name != wanted:
        raise AttributeError(f"module {module!r} has no attribute {name!r}")
    return getattr(import_module("benchmark.score.row_metric"), name)
