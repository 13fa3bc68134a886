"""Units run in worker processes of this machine."""

import logging
import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import Connection
from types import TracebackType

from benchmark.run.executors.executor import (
    MAX_LOSSES,
    WORKER_ENVIRONMENT,
    ExecutorError,
    Result,
    Unit,
    check_workers,
    interrupts_held_back,
)

logger = logging.getLogger(__name__)

_INTERRUPTED = 130


class LocalExecutor:
    """Runs units in worker processes, started by the first unit and ended with the context.

    Workers hold one end of a pipe, the lifeline: when this process lets go of it, on an error, an interrupt
    or its own violent end, they end at once.
    """

    def __init__(self, *, workers: int) -> None:
        check_workers(workers)
        self._workers = workers
        self._pool: ProcessPoolExecutor | None = None
        self._lifeline: Connection | None = None

    @property
    def at_once(self) -> int:
        return self._workers

    def __enter__(self) -> "LocalExecutor":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end(at_once=error is not None)

    def map(self, function: Callable[[Unit], Result], units: Sequence[Unit]) -> Iterator[tuple[int, Result]]:
        """Results as completed.

        Raises:
            ExecutorError: workers were ended from outside, three times.
        """
        left = dict(enumerate(units))
        for losses in range(1, MAX_LOSSES + 1):
            try:
                for index, result in self._completed(function, left.copy()):
                    del left[index]
                    yield index, result
                return
            except BrokenProcessPool as error:
                # A pool does not say which unit it lost, and ends all its workers: the next one does what is left.
                self._end(at_once=True)
                if losses == MAX_LOSSES:
                    raise ExecutorError(
                        "A worker process must live until its work is done. "
                        f"{MAX_LOSSES} were ended from outside, most often because memory ran out with "
                        f"{self._workers} workers. Use fewer with workers=1 and run the same command again: "
                        "finished work is kept."
                    ) from error
                logger.warning("A worker was ended from outside; its work is done again.")

    def _completed(
        self, function: Callable[[Unit], Result], units: dict[int, Unit]
    ) -> Iterator[tuple[int, Result]]:
        if not units:
            return
        pool = self._started()
        futures: dict[Future[Result], int] = {}
        try:
            with interrupts_held_back():
                for index, unit in units.items():
                    futures[pool.submit(function, unit)] = index
            for future in as_completed(futures):
                yield futures[future], future.result()
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

    def _end(self, *, at_once: bool) -> None:
        pool, lifeline = self._pool, self._lifeline
        self._pool = self._lifeline = None
        if pool is None or lifeline is None:
            return
        if at_once:
            lifeline.close()
        pool.shutdown(wait=True, cancel_futures=True)
        lifeline.close()


def _start_worker(lifeline: Connection) -> None:
    os.environ |= WORKER_ENVIRONMENT
    threading.Thread(target=_end_with, args=(lifeline,), daemon=True).start()


def _end_with(lifeline: Connection) -> None:
    try:
        lifeline.recv()
    except (EOFError, OSError):
        os._exit(_INTERRUPTED)
