"""Units run as tasks of Ray: on this machine, or on a cluster whose machines share the store's folder."""

import logging
import math
import os
import socket
import sys
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from benchmark.parts.executors import RaySettings
from benchmark.run.executors.executor import (
    MAX_LOSSES,
    WORKER_ENVIRONMENT,
    ExecutorError,
    Result,
    Unit,
    check_installed,
    check_workers,
)
from finexl.errors import InvalidInputError

logger = logging.getLogger(__name__)

_OBJECT_STORE_BYTES = 100_000_000
"""Units and results are small: Ray's default of 30 % of the memory would be taken from the models."""


class RayExecutor:
    """Runs units as Ray tasks, at most `workers` at a time.

    Ray is started, or its cluster joined, by the first unit; what was started here ends with the context. A Ray that
    this process had joined before is used as it is and left alone.
    """

    def __init__(self, settings: RaySettings, *, workers: int) -> None:
        check_installed("ray")
        check_workers(workers)
        self._settings = settings
        self._workers = workers
        self._is_ours = False

    @property
    def at_once(self) -> int:
        return self._workers

    def __enter__(self) -> "RayExecutor":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._is_ours:
            import ray

            self._is_ours = False
            ray.shutdown()

    def map(self, function: Callable[[Unit], Result], units: Sequence[Unit]) -> Iterator[tuple[int, Result]]:
        """Results as completed.

        Raises:
            ExecutorError: a unit lost its worker three times.
            InvalidInputError: no cluster answers, or the run's own Ray lacks what a unit asks for.
        """
        if not units:
            return
        ray = self._joined()
        memory_gb = self._settings.memory_gb
        task = ray.remote(_done_in).options(
            num_cpus=self._settings.cpus,
            num_gpus=self._settings.gpus,
            memory=None if memory_gb is None else int(memory_gb * 1e9),
            max_retries=0,  # Ray's own retries have no bound where memory runs out; they are counted here
        )
        waiting, running, losses = deque(range(len(units))), {}, Counter[int]()
        try:
            while waiting or running:
                while waiting and len(running) < self._workers:
                    index = waiting.popleft()
                    running[task.remote(Path.cwd(), function, units[index])] = index
                (done, *_), _ = ray.wait(list(running))
                index = running.pop(done)
                try:
                    result = ray.get(done)
                except ray.exceptions.RayTaskError as error:
                    raise error.cause from error
                except ray.exceptions.RayError as error:
                    losses[index] += 1
                    if losses[index] == MAX_LOSSES:
                        raise _lost(error, workers=self._workers) from error
                    logger.warning(
                        "A worker of Ray was lost (%s); its work is done again.", type(error).__name__
                    )
                    waiting.appendleft(index)
                else:
                    yield index, result
        finally:
            for reference in running:
                ray.cancel(reference, force=True)

    def _joined(self) -> Any:
        """The module `ray`, connected."""
        os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
        import ray

        if ray.is_initialized():
            return ray
        address = self._settings.address or os.environ.get("RAY_ADDRESS") or "local"
        own: dict[str, Any] = {
            "num_cpus": math.ceil(self._workers * self._settings.cpus),
            "object_store_memory": _OBJECT_STORE_BYTES,
            "include_dashboard": False,
        }
        try:
            ray.init(
                address,
                runtime_env={"env_vars": {**WORKER_ENVIRONMENT, "PYTHONPATH": os.pathsep.join(sys.path)}},
                log_to_driver=False,
                logging_level=logging.ERROR,
                **(own if address == "local" else {}),
            )
        except (ConnectionError, ValueError) as error:
            raise InvalidInputError(
                f"`executor.address` must name a Ray cluster that runs. Got {address!r}: {error}. Start one with "
                "`ray start --head`, or leave the address out for a Ray of this run's own."
            ) from error
        self._is_ours = True
        if address == "local":
            # Ray waits without end for what is not there; a cluster may still grow, one machine does not.
            has = ray.cluster_resources()
            _check("gpus", self._settings.gpus, has.get("GPU", 0.0))
            _check("memory_gb", self._settings.memory_gb or 0.0, has.get("memory", 0.0) / 1e9)
        return ray


def _check(key: str, asked: float, there: float) -> None:
    if asked > there:
        raise InvalidInputError(
            f"`executor.{key}` must be at most what this machine has, {there:.4g}. Got {asked:g}. "
            "Name a cluster with executor.address=."
        )


def _done_in(folder: Path, function: Callable[[Unit], Result], unit: Unit) -> Result:
    """A unit's result; paths in settings may be relative to the folder that the run was started in."""
    try:
        os.chdir(folder)
    except OSError as error:
        raise ExecutorError(
            f"Workers must see the folder that a run is started in. {socket.gethostname()} does not see "
            f"{str(folder)!r}: {error.strerror}. Start the run in a folder that all machines share."
        ) from error
    return function(unit)


def _lost(error: Exception, *, workers: int) -> ExecutorError:
    return ExecutorError(
        f"A worker of Ray must live until its work is done. The same work lost {MAX_LOSSES}, most often because "
        f"memory ran out with {workers} workers. Use fewer with workers=1, or set memory aside with "
        "executor.memory_gb=, and run the same command again: finished work is kept. "
        f"Ray's logs are in /tmp/ray/session_latest/logs of the machine. It said: {str(error).splitlines()[0]}"
    )
