"""Plants bugs in a copy of the project, one after the other, and runs the test that must turn red for each.

    python tests/planted/plant.py            all of them
    python tests/planted/plant.py NAME ...   some of them

Exit code 1 where a bug survives its test, an edit no longer applies, or a test is red without any bug.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from itertools import count
from pathlib import Path

from bugs import BUGS, Bug

ROOT = Path(__file__).parents[2]
COPIED = ("baselines", "benchmark", "configs", "finetune", "finexl", "leaderboard", "tests", "pyproject.toml")
_LIMIT = 600.0
"""Seconds that a test may take."""
_TOO_SLOW = 124
"""The exit code of a test that was stopped, as `timeout` has it."""
_LARGE = 2**18


class PlantingError(Exception):
    """A bug cannot be planted: its edit does not apply."""


def main(words: Sequence[str]) -> int:
    """Plant what is named, or everything; returns the exit code."""
    unknown = set(words) - {bug.name for bug in BUGS}
    if unknown:
        print(
            f"There is no planted bug {', '.join(sorted(unknown))}; there are {', '.join(b.name for b in BUGS)}."
        )
        return 2
    chosen = [bug for bug in BUGS if not words or bug.name in words]
    with tempfile.TemporaryDirectory(prefix="planted-") as scratch:
        copied(ROOT, Path(scratch), COPIED)
        return 1 if hunted(chosen, Path(scratch)) else 0


def hunted(bugs: Sequence[Bug], project: Path) -> list[str]:
    """What went wrong with each bug that was not caught, in words; prints a line for each bug."""
    if tested([bug.test for bug in bugs], project):
        print("Every test must be green before a bug is planted, and one is not.")
        return ["red without a bug"]
    faults = []
    for bug in bugs:
        fault = fault_of(bug, project)
        print(f"{bug.name}: {fault or 'caught'}", flush=True)
        faults += [fault] if fault else []
    return faults


def fault_of(bug: Bug, project: Path) -> str:
    """Plant a bug, run its test and take it out again; "" if the test turned red."""
    path = project / bug.file
    sound = path.read_bytes()
    try:
        wrong = planted(bug, sound.decode("utf-8"))
    except PlantingError as error:
        return str(error)
    _write(path, wrong.encode("utf-8"))
    try:
        match tested([bug.test], project):
            case 1:  # any other code says that no test was run to its end
                return ""
            case 0:
                return f"SURVIVED {bug.test}"
            case code:
                return f"could not run {bug.test} (pytest ended with {code})"
    finally:
        _write(path, sound)


_TIMES = count(1_000_000_000)


def _write(path: Path, code: bytes) -> None:
    """Write code with a time that no other has: Python takes compiled code for its own by size and whole seconds."""
    path.write_bytes(code)
    time = next(_TIMES)
    os.utime(path, (time, time))


def planted(bug: Bug, code: str) -> str:
    """The code with the bug in it.

    Raises:
        PlantingError: What is right does not stand there exactly once.
    """
    if (n := code.count(bug.right)) != 1:
        raise PlantingError(f"its edit must apply once in {bug.file}, and does {n} times")
    return code.replace(bug.right, bug.wrong)


def tested(tests: Sequence[str], project: Path) -> int:
    """The exit code of pytest on these tests alone, with the code of the copy."""
    environment = {**os.environ, "PYTHONPATH": str(project)}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-n", "0", *dict.fromkeys(tests)]
    try:
        done = subprocess.run(
            command, cwd=project, env=environment, capture_output=True, timeout=_LIMIT, check=False
        )
    except subprocess.TimeoutExpired:
        return _TOO_SLOW
    return done.returncode


def copied(root: Path, scratch: Path, names: Sequence[str]) -> None:
    """Copy what tests need; large files, which nobody edits, are linked where the disk allows it."""
    for name in names:
        if (root / name).is_dir():
            shutil.copytree(
                root / name,
                scratch / name,
                copy_function=_linked,
                ignore=shutil.ignore_patterns("__pycache__", "*.pyc"),
            )
        else:
            _linked(str(root / name), str(scratch / name))


def _linked(source: str, target: str) -> str:
    if Path(source).stat().st_size >= _LARGE:
        try:
            os.link(source, target)
        except OSError:
            pass
        else:
            return target
    shutil.copy2(source, target)
    return target


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
