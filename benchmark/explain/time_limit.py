"""A limit on the time that one explanation may take in this process.

Explainers from elsewhere have a process of their own, which is ended. Those of the suite share this one, where a signal
interrupts them. It is no `Exception`, so that no explainer takes it for a fault of its own and goes on.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


class OutOfTimeError(BaseException):
    """An explanation took longer than it may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeLimit:
    """Seconds for one model, without those in which a question waits for its answer."""

    seconds: float

    @contextmanager
    def running(self, *, n_models: int = 1) -> Iterator[None]:
        """Raise OutOfTimeError in here once the time is over; only a process' main thread can be interrupted."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.signal(signal.SIGALRM, self._interrupt)
        signal.setitimer(signal.ITIMER_REAL, self.seconds * n_models)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Stop the time meanwhile."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        left, _ = signal.setitimer(signal.ITIMER_REAL, 0)
        try:
            yield
        finally:
            if left:
                signal.setitimer(signal.ITIMER_REAL, left)

    def _interrupt(self, *_: Any) -> None:
        raise OutOfTimeError(f"It took longer than {self.seconds:g} s for one model (explainer.seconds=).")
