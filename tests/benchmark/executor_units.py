"""Units of work for tests of executors; light, since every worker process imports this file."""

import os
import sys
import time
from pathlib import Path

from benchmark.run.executors import LocalExecutor
from finexl.errors import InvalidInputError


def squared(number: int) -> tuple[int, int]:
    return number**2, os.getpid()


def refused(number: int) -> int:
    raise InvalidInputError(f"`number` must be even. Got {number}.")


def killed(number: int) -> int:
    os._exit(number)


def napping(folder: Path) -> None:
    (folder / f"worker-{os.getpid()}").touch()
    time.sleep(120)


def main(folder: Path) -> None:
    """Nap in two workers until this process is interrupted."""
    try:
        with LocalExecutor(workers=2) as executor:
            list(executor.map(napping, [folder, folder]))
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
