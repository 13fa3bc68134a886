"""What an executor is, and what all of them owe their workers."""

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from types import TracebackType
from typing import Protocol, TypeVar, runtime_checkable

from finexl.errors import FinexlError, InvalidInputError

Unit = TypeVar("Unit")
Result = TypeVar("Result")

MAX_LOSSES = 3
"""Times that work may lose its worker: a machine that goes away is bad luck, the third in a row is the work itself."""

# Sums are taken in one order, and bars of libraries would tear ours.
WORKER_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "TQDM_DISABLE": "1",
}


class ExecutorError(FinexlError):
    """Workers ended before their work did."""


@runtime_checkable
class Executor(Protocol):
    """Runs a function over units; results come as they are completed, with the index of their unit."""

    @property
    def at_once(self) -> int:
        """Units that are done at a time."""
        ...

    def __enter__(self) -> "Executor": ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def map(
        self, function: Callable[[Unit], Result], units: Sequence[Unit]
    ) -> Iterator[tuple[int, Result]]: ...


def check_workers(workers: int) -> None:
    """Raise InvalidInputError unless there is at least one worker."""
    if workers < 1:
        raise InvalidInputError(f"`workers` must be at least 1. Got {workers!r}.")


def check_installed(engine: str) -> None:
    """Raise InvalidInputError, with what to install, unless an optional engine is there; does not import it."""
    if find_spec(engine) is None:
        raise InvalidInputError(
            f"executor={engine} needs the package {engine!r}, which is not installed here. "
            f"Install it with: pip install 'finexl[{engine}]', or choose executor=local."
        )


@contextmanager
def interrupts_held_back() -> Iterator[None]:
    """Deliver Ctrl-C after the block; workers born in it never see Ctrl-C, only this process acts on it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
