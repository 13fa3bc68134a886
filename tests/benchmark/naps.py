"""A process that naps in two workers of an executor, and what is left of it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import executor_units


def napping_process(kind: str, folder: Path) -> subprocess.Popen:
    """The process, once both of its workers nap; it leads a session of its own."""
    root, here = Path(__file__).parents[2], Path(__file__).parent
    process = subprocess.Popen(
        [sys.executable, executor_units.__file__, kind, str(folder)],
        env={**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{here}"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=_hear_interrupts,
    )
    assert within_seconds(lambda: len(list(folder.glob("worker-*"))) == 2)
    return process


def _hear_interrupts() -> None:
    """A shell starts background jobs deaf to Ctrl-C, and children inherit it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def within_seconds(condition: Callable[[], bool], *, limit_s: float = 300) -> bool:
    end = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def alive(session: int) -> dict[int, str]:
    """Processes of a session that have not ended, with their command lines."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, _, _, of = (folder / "stat").read_text().rsplit(")", 1)[1].split()[:4]
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(of) == session and state != "Z":
            found[int(folder.name)] = command
    return found
