"""Plants bugs in a copy of the project, one after the other, and runs the test that must turn red for each.

    python tests/planted/plant.py            all of them
    python tests/planted/plant.py NAME ...   some of them

Exit code 1 where a bug survives its test, an edit no longer applies, or a test is red without any bug.

Every test runs in a fork of one process that has loaded other people's libraries and none of this project: importing
these takes ten times as long as the tests.
"""

import multiprocessing
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from contextlib import redirect_stdout
from io import StringIO
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path
from time import monotonic
from typing import NamedTuple

from bugs import BUGS, Bug

ROOT = Path(__file__).parents[2]
COPIED = ("baselines", "benchmark", "configs", "finetune", "finexl", "leaderboard", "tests", "pyproject.toml")
LOADED = (
    "PIL.Image",
    "beartype",
    "hydra",
    "jaxtyping",
    "jinja2",
    "numpy",
    "pydantic",
    "pytest",
    "rich.table",
    "safetensors.torch",
    "scipy.special",
    "torch",
    "torchmetrics",
)
"""What most tests import of others."""
_LIMIT = 600.0
"""Seconds that tests may take."""
_TOO_SLOW, _DIED = 124, 125
"""Beside pytest's exit codes: of tests that were stopped, as `timeout` has it, and of a process that ended unasked."""
_LARGE = 2**18


class PlantingError(Exception):
    """A bug cannot be planted: its edit does not apply."""


class Outcome(NamedTuple):
    """What pytest made of some tests."""

    code: int
    red: tuple[str, ...] = ()
    """Tests that failed, as pytest names them."""
    output: str = ""


def main(words: Sequence[str]) -> int:
    """Plant what is named, or everything; returns the exit code."""
    unknown = set(words) - {bug.name for bug in BUGS}
    if unknown:
        print(
            f"There is no planted bug {', '.join(sorted(unknown))}; there are {', '.join(b.name for b in BUGS)}."
        )
        return 2
    chosen = [bug for bug in BUGS if not words or bug.name in words]
    multiprocessing.get_context("forkserver").set_forkserver_preload([*LOADED])
    start = monotonic()
    with tempfile.TemporaryDirectory(prefix="planted-") as scratch:
        copied(ROOT, Path(scratch), COPIED)
        faults = hunted(chosen, Path(scratch))
    print(f"{len(chosen)} bugs, {len(faults)} faults, {monotonic() - start:.0f} s")
    return 1 if faults else 0


def hunted(bugs: Sequence[Bug], project: Path) -> list[str]:
    """What went wrong with each bug that was not caught, in words; prints a line for each bug."""
    sound = tested([bug.test for bug in bugs], project)
    if sound.code:
        print(f"Every test must be green before a bug is planted. {_told(sound)}\n{sound.output}")
        return ["red without a bug"]
    faults = []
    for bug in bugs:
        fault, red = fault_of(bug, project)
        print(f"{bug.name}: {fault or 'caught by ' + ', '.join(red)}", flush=True)
        faults += [fault] if fault else []
    return faults


class Caught(NamedTuple):
    """What came of a bug."""

    fault: str
    """Empty if its test turned red."""
    red: tuple[str, ...] = ()


def fault_of(bug: Bug, project: Path) -> Caught:
    """Plant a bug, run its test and take it out again."""
    path = project / bug.file
    sound = path.read_bytes()
    try:
        wrong = planted(bug, sound.decode("utf-8"))
    except PlantingError as error:
        return Caught(str(error))
    _write(path, wrong.encode("utf-8"))
    try:
        match tested([bug.test], project):
            case Outcome(code=1, red=red):  # any other code says that no test was run to its end
                return Caught("", red)
            case Outcome(code=0):
                return Caught(f"SURVIVED {bug.test}")
            case outcome:
                return Caught(f"could not run {bug.test}. {_told(outcome)}")
    finally:
        _write(path, sound)


def _told(outcome: Outcome) -> str:
    match outcome:
        case Outcome(code=code, red=()):
            how = {_TOO_SLOW: f"They took longer than {_LIMIT:.0f} s", _DIED: "Their process died"}
            return f"{how.get(code, f'pytest ended with {code}')}."
        case Outcome(red=red):
            return f"{', '.join(red)} failed."


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


def tested(tests: Sequence[str], project: Path) -> Outcome:
    """Run these tests alone, with the code of the copy, up to the first that fails."""
    context = multiprocessing.get_context("forkserver")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_test, args=(tuple(dict.fromkeys(tests)), project, there))
    process.start()
    there.close()
    try:
        return here.recv() if here.poll(_LIMIT) else Outcome(_TOO_SLOW)
    except EOFError:
        return Outcome(_DIED)
    finally:
        process.kill()
        process.join()


def _test(tests: Sequence[str], project: Path, there: Connection) -> None:
    """The side of the process in which tests run."""
    os.chdir(project)
    sys.path[:] = [str(project), *(entry for entry in sys.path if entry not in ("", str(ROOT)))]
    os.environ |= {"PYTHONPATH": str(project), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    sys.dont_write_bytecode = False  # what is compiled for one test serves the next

    import pytest

    class Reds:
        """A plugin that notes which tests fail."""

        def __init__(self) -> None:
            self.names: list[str] = []

        def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
            if report.failed:
                self.names.append(report.nodeid)

    reds = Reds()
    with redirect_stdout(StringIO()) as printed:
        code = pytest.main(["-x", "--tb=short", *tests], plugins=[reds])
    there.send(Outcome(int(code), tuple(reds.names), printed.getvalue()))


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
