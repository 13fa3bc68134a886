"""How long work tells how far it has come."""

from typing import Protocol, runtime_checkable


@runtime_checkable
class Progress(Protocol):
    """Whoever wants to know; a console, a log, nobody."""

    def step(self, done: int, total: int, label: str) -> None:
        """`done` of `total` units of the work called `label` are finished; called in order, 0 first."""
        ...


class Silent:
    """Nobody wants to know."""

    def step(self, done: int, total: int, label: str) -> None:
        """Do nothing."""
        del done, total, label
