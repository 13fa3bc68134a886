"""Units run as jobs through submitit: arrays of Slurm, or processes of this machine for a try."""

import logging
import os
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Generic

from benchmark.parts.executors import SubmititSettings
from benchmark.run.executors.executor import (
    MAX_LOSSES,
    WORKER_ENVIRONMENT,
    ExecutorError,
    Result,
    Unit,
    check_installed,
    check_workers,
    interrupts_held_back,
)
from finexl.errors import FinexlError, InvalidInputError

logger = logging.getLogger(__name__)

_POLL_S = {"local": 0.1, "slurm": 2.0}
_LOG_LINES = 20
_SHUTDOWN_S = 10

Indices = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Batch(Generic[Unit, Result]):
    """What one job does; an error for people comes back as it is, others end the job and are in its log."""

    function: Callable[[Unit], Result]
    units: tuple[Unit, ...]

    def __call__(self) -> tuple[Result, ...] | FinexlError:
        # submitit's handlers would outlive these signals or ask for a checkpoint; a job that is told to end is
        # simply lost, and what it finished is in the store.
        for name in ("SIGTERM", f"SIG{os.environ.get('SUBMITIT_PREEMPT_SIGNAL', 'USR2')}"):
            signal.signal(signal.Signals[name], signal.SIG_DFL)
        try:
            return tuple(self.function(unit) for unit in self.units)
        except FinexlError as error:
            return error


class SubmititExecutor:
    """Runs units as jobs, at most `workers` at a time; jobs that are lost or preempted are submitted again."""

    def __init__(self, settings: SubmititSettings, *, workers: int, folder: Path) -> None:
        check_installed("submitit")
        check_workers(workers)
        if settings.cluster == "slurm" and shutil.which("srun") is None:
            raise InvalidInputError(
                "`executor.cluster=slurm` needs a machine with Slurm's commands, and there is no `srun` here. Start "
                "the run on a login node, or try it on this machine with executor.cluster=local."
            )
        self._settings = settings
        self._workers = workers
        self._folder = Path(settings.folder).expanduser() if settings.folder else folder

    @property
    def at_once(self) -> int:
        return self._workers

    def __enter__(self) -> "SubmititExecutor":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def map(self, function: Callable[[Unit], Result], units: Sequence[Unit]) -> Iterator[tuple[int, Result]]:
        """Results as jobs are completed.

        Raises:
            ExecutorError: Slurm does not take the jobs, one failed, or one was lost three times.
        """
        n_jobs = min(self._settings.n_jobs, len(units))
        waiting = deque(tuple(range(first, len(units), n_jobs)) for first in range(n_jobs))
        running: dict[Any, Indices] = {}
        losses = Counter[Indices]()
        try:
            while waiting or running:
                with interrupts_held_back():
                    running |= self._submitted(function, units, waiting, n_running=len(running))
                over = [job for job in running if job.done() or job.state == "PREEMPTED"]
                for job in over:
                    indices = running.pop(job)
                    results = self._results(job)
                    if results is not None:
                        yield from zip(indices, results, strict=True)
                        continue
                    losses[indices] += 1
                    if losses[indices] == MAX_LOSSES:
                        raise _lost(job, minutes=self._settings.minutes)
                    self._cancel([job])  # Slurm may be about to start it again by itself
                    logger.warning("Job %s was lost (%s); it is submitted again.", job.job_id, job.state)
                    waiting.append(indices)
                if not over:
                    time.sleep(_POLL_S[self._settings.cluster])
        finally:
            self._cancel(running)

    def _submitted(
        self,
        function: Callable[[Unit], Result],
        units: Sequence[Unit],
        waiting: deque[Indices],
        *,
        n_running: int,
    ) -> dict[Any, Indices]:
        """Jobs of what waits: one array for Slurm to go through, or as many processes as there is room for."""
        room = self._workers - n_running if self._settings.cluster == "local" else len(waiting)
        taken = [waiting.popleft() for _ in range(min(room, len(waiting)))]
        if not taken:
            return {}
        from submitit.core.utils import FailedJobError

        engine = self._engine()
        try:
            with engine.batch():
                jobs = [
                    engine.submit(_Batch(function, tuple(units[index] for index in indices)))
                    for indices in taken
                ]
        except FailedJobError as error:
            raise ExecutorError(f"Slurm must take the jobs of a run. It said: {error}") from error
        return dict(zip(jobs, taken, strict=True))

    def _engine(self) -> Any:
        """A folder of its own for each submission: job numbers come again, and old results must not count."""
        import submitit

        settings = self._settings
        self._folder.mkdir(parents=True, exist_ok=True)
        python = " ".join(
            ["env", *(f"{key}={value}" for key, value in WORKER_ENVIRONMENT.items()), sys.executable]
        )
        engine = submitit.AutoExecutor(
            folder=Path(tempfile.mkdtemp(prefix="submitted-", dir=self._folder)) / "%j",
            cluster=settings.cluster,
            local_python=python,
            slurm_python=python,
        )
        slurm = {"partition": settings.partition, "array_parallelism": self._workers, **settings.parameters}
        try:
            engine.update_parameters(
                name="finexl",
                timeout_min=settings.minutes,
                cpus_per_task=settings.cpus,
                gpus_per_node=settings.gpus,
                mem_gb=settings.memory_gb,
                **{f"slurm_{name}": value for name, value in slurm.items()},
            )
        except NameError as error:
            raise InvalidInputError(
                f"`executor.parameters` must be parameters that submitit knows of Slurm; pass others in "
                f"executor.parameters.additional_parameters=. {str(error).splitlines()[0]}"
            ) from error
        return engine

    def _results(self, job: Any) -> tuple[Any, ...] | None:
        """What a job that is over found; None if it was lost."""
        from submitit.core.utils import FailedJobError, UncompletedJobError

        # Elsewhere a file may be seen seconds after it is written, which `result` waits for.
        seen_at_once = self._settings.cluster == "local" or job.state == "PREEMPTED"
        if seen_at_once and not job.paths.result_pickle.exists():
            return None
        try:
            results = job.result()
        except FailedJobError as error:
            raise ExecutorError(
                f"Units of work must end without a fault. Job {job.job_id} failed. Its log, in "
                f"{str(job.paths.folder)!r}, ends:\n{_log(job)}"
            ) from error
        except UncompletedJobError:  # the class that failing is a case of
            return None
        if isinstance(results, FinexlError):
            raise results
        return results

    def _cancel(self, jobs: Iterable[Any]) -> None:
        if self._settings.cluster == "slurm":
            for job in jobs:
                job.cancel(check=False)
            return
        for job in jobs:
            if job.state == "RUNNING":
                with suppress(ProcessLookupError):
                    os.kill(int(job.job_id), signal.SIGTERM)  # hands it on; Ctrl-C was held back from it
        end = time.monotonic() + _SHUTDOWN_S
        while any(not job.done() for job in jobs) and time.monotonic() < end:
            time.sleep(_POLL_S["local"])


def _lost(job: Any, *, minutes: int) -> ExecutorError:
    return ExecutorError(
        f"A job must live until its work is done. The same work lost {MAX_LOSSES}, the last as {job.state}: most often "
        f"because it took more than executor.minutes={minutes} or more memory than executor.memory_gb=. Raise them and "
        f"run the same command again: finished work is kept. The log, in {str(job.paths.folder)!r}, ends:\n{_log(job)}"
    )


def _log(job: Any) -> str:
    text = "\n".join(filter(None, (job.stdout(), job.stderr())))
    return "\n".join(text.splitlines()[-_LOG_LINES:]) or "(it is empty)"
