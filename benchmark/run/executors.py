"""Where units of work run: in this process, or in local worker processes; a cluster engine is one more class.

Units are small frozen values and results are small too: images and weights travel through the store. Every
unit computes with one thread, whatever the number of workers, so that the results do not depend on it.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Protocol, TypeVar, runtime_checkable

from finexl.errors import FinexlError, InvalidInputError

Unit = TypeVar("Unit")
Result = TypeVar("Result")

_INTERRUPTED = 130


class ExecutorError(FinexlError):
    """Workers ended before their work did."""


@runtime_checkable
class Executor(Protocol):
    """Runs a function over units; results come as they are completed, with the index of their unit."""

    def __enter__(self) -> "Executor": ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def map(
        self, function: Callable[[Unit], Result], units: Sequence[Unit]
    ) -> Iterator[tuple[int, Result]]: ...


class InlineExecutor:
    """Runs the units one after the other in this process."""

    def __enter__(self) -> "InlineExecutor":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def map(self, function: Callable[[Unit], Result], units: Sequence[Unit]) -> Iterator[tuple[int, Result]]:
        for index, unit in enumerate(units):
            yield index, function(unit)


class LocalExecutor:
    """Runs units in worker processes, started by the first unit and ended with the context.

    Workers hold one end of a pipe, the lifeline: when this process lets go of it, on an error, an interrupt
    or its own violent end, they end at once.
    """

    def __init__(self, *, workers: int) -> None:
        if workers < 1:
            raise InvalidInputError(f"`workers` of the local executor must be at least 1. Got {workers!r}.")
        self._workers = workers
        self._pool: ProcessPoolExecutor | None = None
        self._lifeline: Connection | None = None

    def __enter__(self) -> "LocalExecutor":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pool, lifeline = self._pool, self._lifeline
        self._pool = self._lifeline = None
        if pool is None or lifeline is None:
            return
        if error is not None:
            lifeline.close()
        pool.shutdown(wait=True, cancel_futures=True)
        lifeline.close()

    def map(self, function: Callable[[Unit], Result], units: Sequence[Unit]) -> Iterator[tuple[int, Result]]:
        if not units:
            return
        pool = self._started()
        with _interrupts_held_back():
            futures: dict[Future[Result], int] = {
                pool.submit(function, unit): index for index, unit in enumerate(units)
            }
        try:
            for future in as_completed(futures):
                yield futures[future], future.result()
        except BrokenProcessPool as error:
            raise ExecutorError(
                "A worker process must live until its work is done. One was ended from outside, most often "
                f"because memory ran out with {self._workers} workers. Use fewer with workers=1 and run the "
                "same command again: finished work is kept."
            ) from error
        finally:
            for future in futures:
                future.cancel()

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            context = multiprocessing.get_context("spawn")
            theirs, self._lifeline = context.Pipe(duplex=False)
            self._pool = ProcessPoolExecutor(
                self._workers, mp_context=context, initializer=_start_worker, initargs=(theirs,)
            )
        return self._pool


@contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """Deliver Ctrl-C after the block; workers born in it never see Ctrl-C, only this process acts on it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _start_worker(lifeline: Connection) -> None:
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = "1"
    os.environ |= {
        "TOKENIZERS_PARALLELISM": "false",
        "TQDM_DISABLE": "1",
    }  # bars of libraries would tear ours
    threading.Thread(target=_end_with, args=(lifeline,), daemon=True).start()


def _end_with(lifeline: Connection) -> None:
    try:
        lifeline.recv()
    except (EOFError, OSError):
        os._exit(_INTERRUPTED)
