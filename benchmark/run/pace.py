"""How long the units of a stage that are left will take, told from those that are done."""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from benchmark.run.stages import BaseUnit, ExplainUnit, ModelUnit, Unit

_ALIKE = 0.1
"""Share of the slowest unit's time below which a unit of its kind was found made, and says nothing of the others."""
_SHORTEST_S = 1.0
"""Seconds that are worth telling."""


class Work(NamedTuple):
    """What takes alike long for each size."""

    kind: str
    size: int


class Pace:
    """Seconds per size of each kind of work, as it was seen to take.

    Nothing is told before some of every kind that is left was seen: what is quick says nothing of what is slow.
    """

    def __init__(self, units: Iterable[Unit], *, at_once: int) -> None:
        self._left = [work_of(unit) for unit in units]
        self._at_once = at_once
        self._seen: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)

    def saw(self, unit: Unit, *, seconds: float) -> None:
        """A unit is done; it took one worker so long."""
        done = work_of(unit)
        self._left.remove(done)
        self._seen[done.kind].append((done.size, seconds))

    @property
    def seconds_left(self) -> float | None:
        """With all workers on it, and no less than its longest unit; None where it is not known."""
        if not self._left or any(work.kind not in self._seen for work in self._left):
            return None
        each = {kind: _seconds_per_size(seen) for kind, seen in self._seen.items()}
        seconds = [work.size * each[work.kind] for work in self._left]
        left = max(sum(seconds) / self._at_once, *seconds)
        return left if left >= _SHORTEST_S else None


def work_of(unit: Unit) -> Work:
    """What a unit is beside others: an explainer takes its own time, a training run grows with its models."""
    match unit:
        case ExplainUnit():
            return Work(kind=unit.explainer, size=len(unit.group.trials))
        case ModelUnit():
            return Work(kind=unit.stage, size=len(unit.variants))
        case BaseUnit():
            return Work(kind=unit.stage, size=len(unit.probe.prompts))
        case _:
            return Work(kind=unit.stage, size=1)


def _seconds_per_size(seen: list[tuple[int, float]]) -> float:
    slowest = max(seconds / size for size, seconds in seen)
    alike = [(size, seconds) for size, seconds in seen if seconds / size >= _ALIKE * slowest]
    return sum(seconds for _, seconds in alike) / sum(size for size, _ in alike)
