"""`python -m finetune advise`: which shares of a training set bring a model nearer to a wish (the paper's Figure 1).

A wish is a ratio of amounts, as in "vivid 2, grainy 1". A model is explained with the wished words alone, and what an
aspect shows of all of them is taken as linear between the shares that were tried; the next is where it meets the wish.
Regret is half the sum of absolute differences between both as shares: 0 is the wish, 1 shares nothing with it.
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from finetune.explaining.sweeps.sweep import shown_of
from finexl.errors import InvalidInputError
from finexl.explain.harmless import shown
from finexl.explanation import Explanation
from finexl.pictures import SUFFIXES

MOST_ASPECTS = 12
_WISH = re.compile(r"\s*(.+?)\s+(\d+(?:\.\d+)?)\s*")

Amounts = Mapping[str, float | int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """A training set and what the model of it showed."""

    parts: Mapping[str, int]
    """Of each aspect, of a whole that they sum up to."""
    amounts: Amounts
    """Of each aspect, ≥ 0."""
    regret: float


def read_wish(text: str) -> dict[str, float]:
    """Aspects with how much is wished of each; only ratios matter.

    >>> read_wish("vivid 2, grainy 1")
    {'vivid': 2.0, 'grainy': 1.0}

    Raises:
        InvalidInputError: It is none.
    """
    found: dict[str, float] = {}
    for part in text.split(","):
        match = _WISH.fullmatch(part)
        if match is None or match[1] in found or not float(match[2]) > 0:
            raise InvalidInputError(
                "A wish must be different aspects, each with a number above 0, as in 'vivid 2, grainy 1'. "
                f"Got {text[:200]!r}."
            )
        found[match[1]] = float(match[2])
    if not 2 <= len(found) <= MOST_ASPECTS or not all(map(math.isfinite, found.values())):
        raise InvalidInputError(
            f"A wish must have 2 to {MOST_ASPECTS} aspects with finite numbers. Got {len(found)}."
        )
    return found


def pictures_in(folder: Path, aspects: Amounts) -> dict[str, int]:
    """How many pictures a training set has of each aspect, in a folder of its name.

    Raises:
        InvalidInputError: An aspect has no folder with pictures.
    """
    found = {
        aspect: sum(file.suffix.lower() in SUFFIXES for file in (folder / aspect).glob("*"))
        for aspect in aspects
    }
    if lacking := [aspect for aspect, n in found.items() if not n]:
        raise InvalidInputError(
            f"`--folders` must have a folder of pictures for each wished aspect. {str(folder)!r} has none for "
            f"{', '.join(map(repr, lacking))}."
        )
    return found


def amounts_of(explanation: Explanation, aspects: Amounts) -> dict[str, float]:
    """How much a model shows of each aspect; less of one than its base counts as none."""
    return {aspect: max(0.0, shown_of(explanation, aspect)[0]) for aspect in aspects}


def regret(amounts: Amounts, wish: Amounts) -> float:
    """How far amounts are from a wish, in [0, 1]; a model that shows nothing of it has 1.

    >>> regret({"vivid": 1.0, "grainy": 1.0}, {"vivid": 3.0, "grainy": 1.0})
    0.25
    """
    total = sum(amounts.values())
    if not total:
        return 1.0
    wished = sum(wish.values())
    return sum(abs(amounts[name] / total - wish[name] / wished) for name in wish) / 2


def better_shares(tried: Sequence[tuple[Amounts, Amounts]], wish: Amounts) -> dict[str, float]:
    """Shares of the next training set, summing up to 1, from shares that were tried with the amounts that they gave.

    An aspect without a share shows nothing, and one that has all shows nothing else; between these and what was tried
    lie straight lines. A model that shows nothing of the wish says nothing.

    >>> better_shares([({"vivid": 1, "grainy": 1}, {"vivid": 1, "grainy": 3})], {"vivid": 5, "grainy": 3})
    {'vivid': 0.75, 'grainy': 0.25}
    """
    wished, raised = sum(wish.values()), {}
    for name in wish:
        known = [
            (shares[name] / sum(shares.values()), amounts[name] / sum(amounts.values()))
            for shares, amounts in tried
            if sum(amounts.values())
        ]
        given, seen = zip(*sorted([(0.0, 0.0), *known, (1.0, 1.0)]), strict=True)
        raised[name] = float(np.interp(wish[name] / wished, np.maximum.accumulate(seen), given))
    grown = sum(raised.values())
    return {name: share / grown for name, share in raised.items()}


def in_parts(shares: Amounts, whole: int) -> dict[str, int]:
    """Shares as whole parts of `whole`, each at least one; largest remainders first.

    >>> in_parts({"vivid": 0.7, "grainy": 0.3}, 8)
    {'vivid': 6, 'grainy': 2}
    """
    free, total = whole - len(shares), sum(shares.values())
    if free < 0:
        raise InvalidInputError(f"{len(shares)} aspects need at least as many parts. Got {whole}.")
    exact = {name: max(0.0, share / total * whole - 1) for name, share in shares.items()}
    scale = free / (sum(exact.values()) or 1.0)
    parts = {name: int(amount * scale) for name, amount in exact.items()}
    left = free - sum(parts.values())
    for name in sorted(exact, key=lambda one: (parts[one] - exact[one] * scale, one))[:left]:
        parts[name] += 1
    return {name: 1 + count for name, count in parts.items()}


def rounds_of(
    wish: Amounts,
    *,
    trained: Callable[[Mapping[str, int]], Amounts],
    whole: int,
    n_rounds: int,
) -> Iterator[Round]:
    """Train on equal shares, then `n_rounds` times on better ones; `trained` makes a model and says what it shows."""
    parts = in_parts(dict.fromkeys(wish, 1.0), whole)
    tried: list[tuple[Amounts, Amounts]] = []
    for _ in range(n_rounds + 1):
        amounts = trained(parts)
        yield Round(parts=parts, amounts=amounts, regret=regret(amounts, wish))
        tried.append((parts, amounts))
        parts = in_parts(better_shares(tried, wish), whole)


def told(done: Round) -> str:
    """A round in a line."""
    return "  ".join(
        [f"{shown(name)} {count} parts, shows {done.amounts[name]:.2f}" for name, count in done.parts.items()]
        + [f"regret {done.regret:.2f}"]
    )
