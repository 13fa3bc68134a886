"""Units of work for tests of executors; light, since every worker process imports this file."""

import os
import sys
import time
from pathlib import Path

from benchmark.parts.executors import RaySettings, SubmititSettings
from benchmark.run.executors import Executor, LocalExecutor, RayExecutor, SubmititExecutor
from finexl.errors import InvalidInputError


def squared(number: int) -> tuple[int, int]:
    return number**2, os.getpid()


def refused(number: int) -> int:
    raise InvalidInputError(f"`number` must be even. Got {number}.")


def faulty(number: int) -> int:
    raise ZeroDivisionError(f"{number} came to nothing")


def killed(number: int) -> int:
    os._exit(number)


def killed_at_first(mark: Path) -> str:
    if not mark.exists():
        mark.touch()
        os._exit(9)
    return mark.name


def threads(number: int) -> str | None:
    return os.environ.get("OMP_NUM_THREADS")


def napping(folder: Path) -> None:
    (folder / f"worker-{os.getpid()}").touch()
    time.sleep(600)


def executor(kind: str, folder: Path) -> Executor:
    """An executor of two workers on this machine."""
    match kind:
        case "ray":
            return RayExecutor(RaySettings(address="local"), workers=2)
        case "submitit":
            return SubmititExecutor(SubmititSettings(cluster="local"), workers=2, folder=folder / "jobs")
        case _:
            return LocalExecutor(workers=2)


def main(kind: str, folder: Path) -> None:
    """Nap in two workers until this process is interrupted."""
    try:
        with executor(kind, folder) as started:
            list(started.map(napping, [folder, folder]))
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
