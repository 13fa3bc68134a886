"""What a number of a metric is compared with, and what metrics share that need no torch.

Functions score; the torchmetrics classes around them (`benchmark.score.row_metric`) are for loops and processes that
gather results piece by piece. They are found in the modules of their functions too, where they are made when asked for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from math import isfinite
from numbers import Integral, Real
from typing import TypeGuard

from finexl.errors import InvalidInputError

TIE = 1e-9
"""Distances that differ by less are a tie; spreads below this share of the values are none."""
MOST = 2**63 - 1
"""The largest whole number of ids and sizes."""
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
    if not is_whole(n, least=1):
        raise InvalidInputError(
            f"There must be at least one of the {what} to choose from. Got {n!r}. Give their number, a whole one."
        )
    return 1 / n


def is_whole(given: object, *, least: int = -MOST) -> TypeGuard[int]:
    """Whether this is a whole number of up to 63 bits, which True and 2.0 are not."""
    return isinstance(given, Integral) and not isinstance(given, bool) and least <= int(given) <= MOST


def is_number(given: object) -> TypeGuard[float]:
    """Whether this is a finite number, which True is not."""
    return isinstance(given, Real) and not isinstance(given, bool) and isfinite(given)


def is_row(given: object) -> bool:
    """Whether this is a list, a tuple or an array: something with an order and a length that is no text."""
    return (
        hasattr(given, "__len__") and hasattr(given, "__getitem__") and not isinstance(given, str | Mapping)
    )


def require_group(readings: Readings, truths: Truths) -> None:
    """Raise InvalidInputError for a group whose models do not have one number per aspect of truth and of reading."""
    if not (is_row(readings) and is_row(truths)) or len(readings) != len(truths) or not len(truths):
        raise InvalidInputError(
            "There must be one reading per model, and at least one model. "
            f"Got readings {readings!r} for truths {truths!r}. Give None for what is unreadable."
        )
    n_aspects = len(truths[0]) if is_row(truths[0]) else 0
    for what, rows in (("truth", truths), ("reading", [one for one in readings if one is not None])):
        for row in rows:
            if not n_aspects or not is_row(row) or len(row) != n_aspects or not all(map(is_number, row)):
                raise InvalidInputError(
                    f"The {what} of a model must hold one finite number per aspect, as many for every model. "
                    f"Got {row!r} beside the truth {truths[0]!r}. Give a list of numbers, or None for no reading."
                )


def late(wanted: str, name: str, *, module: str) -> object:
    """The torchmetrics class of a module for its `__getattr__`: importing it takes torch.

    Raises:
        AttributeError: Another name was asked for.
    """
    if name != wanted:
        raise AttributeError(f"module {module!r} has no attribute {name!r}")
    return getattr(import_module("benchmark.score.row_metric"), name)
