"""Label errors on purpose: levels that are passed round with some of them swapped within their group.

Only who keeps the bundle knows which. Whoever agrees with the swapped ones more often than with the truth has learned
from labels and not from images.
"""

import hmac
from collections.abc import Sequence
from itertools import combinations

from benchmark.bundle.manifest import GroupTruth

Labels = dict[str, tuple[int, ...]]
"""Levels by trial."""


def labels_of(groups: Sequence[GroupTruth]) -> Labels:
    """The levels of every trial as they are."""
    return {trial.trial: trial.levels for group in groups for trial in group.trials}


def planted_in(groups: Sequence[GroupTruth], *, n: int, key: bytes) -> Labels:
    """About `n` wrong labels, at most every second one: pairs of a group's trials that have each other's levels.

    The key draws them. A pair differs by at least half of the largest difference in its group, so that nobody who looks
    at images takes one for the other.
    """

    def draw(*what: str) -> bytes:
        return hmac.digest(key, " ".join(what).encode(), "sha256")

    found: Labels = {}
    wanted = min(n, len(labels_of(groups)) // 2)
    in_turn = sorted(groups, key=lambda group: draw(group.group))
    while len(found) < wanted:
        before = len(found)
        for group in in_turn:
            if len(found) >= wanted:
                break
            levels = {each.trial: each.levels for each in group.trials}
            pairs = [*combinations(levels, 2)]
            apart = {(one, other): _distance(levels[one], levels[other]) for one, other in pairs}
            least = max([1, max(apart.values(), default=0) / 2])
            free = [
                pair
                for pair in pairs
                if apart[pair] >= least and pair[0] not in found and pair[1] not in found
            ]
            if free:
                one, other = min(free, key=lambda pair: draw(*pair))
                found |= {one: levels[other], other: levels[one]}
        if len(found) == before:  # no group has two labels left to swap
            break
    return found


def _distance(one: Sequence[int], other: Sequence[int]) -> int:
    return sum(abs(a - b) for a, b in zip(one, other, strict=True))
