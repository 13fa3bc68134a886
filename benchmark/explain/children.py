"""Processes of their own for work that must not share one: what it holds, finds and breaks there stays there.

A child gets its task as one line of JSON, reports in lines of JSON through a pipe that nothing else writes to, and
ends with its parent. What it prints is kept apart and shown only if it dies.
"""

import importlib
import json
import os
import select
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from time import monotonic
from typing import IO, Any

from finexl.errors import FinexlError

Message = dict[str, Any]
Report = Callable[[Message], None]
"""Sends a message of JSON values to the parent."""

_BOOT = (
    "import json, sys; line = sys.stdin.readline(); sys.path[:] = json.loads(line)['path']; "
    "from benchmark.explain.children import work; work(line)"
)
_CALM = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "TQDM_DISABLE": "1",
}
_SHOWN = 2000


class ChildError(FinexlError):
    """A child process ended, or fell silent, before its work was done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a child process finds around it."""

    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables beside those of this process."""
    arguments: Sequence[str] = ()
    """What follows the program's name in its `sys.argv`."""
    folder: Path | None = None
    """The child's working folder; None = that of this process."""


def messages(
    task: str, given: Message, *, patience_s: float, surroundings: Surroundings | None = None
) -> Iterator[Message]:
    """What a task reports, as it does so; raises ChildError if it dies or is silent for longer than `patience_s`.

    `task` is `package.module:function`, called with `given` and a `Report`.
    """
    around = surroundings or Surroundings()
    reading, writing = os.pipe()
    with TemporaryFile() as printed, os.fdopen(reading, "rb", buffering=0) as pipe:
        child = subprocess.Popen(
            [sys.executable, "-c", _BOOT, *around.arguments],
            stdin=subprocess.PIPE,
            stdout=printed,
            stderr=printed,
            pass_fds=(writing,),
            cwd=around.folder,
            env={**os.environ, **_CALM, **around.environment},
        )
        os.close(writing)
        try:
            _send(child, {"path": absolute_path(), "task": task, "given": given, "to": writing})
            yield from _received(pipe, patience_s=patience_s)
            if child.wait() != 0:
                raise ChildError(f"The process ended with code {child.returncode}. {_last(printed)}")
        finally:
            child.kill()
            child.wait()
            if child.stdin is not None:
                child.stdin.close()


def work(line: str) -> None:
    """The child's side: do the task of a line of JSON, then leave without waiting for anybody's threads."""
    job = json.loads(line)
    threading.Thread(target=_end_with_parent, args=(sys.stdin.buffer,), daemon=True).start()
    sys.stdin = Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115  # kept open for whoever reads it
    module, _, name = job["task"].partition(":")
    os.set_inheritable(job["to"], False)
    with os.fdopen(job["to"], "w", encoding="utf-8") as pipe:

        def report(message: Message) -> None:
            pipe.write(json.dumps(message) + "\n")
            pipe.flush()

        try:
            getattr(importlib.import_module(module), name)(job["given"], report)
            code = 0
        except BaseException:  # Python's own way out would stumble over the thread that reads
            traceback.print_exc()
            code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _send(child: subprocess.Popen[bytes], job: Message) -> None:
    assert child.stdin is not None
    try:
        child.stdin.write(json.dumps(job).encode() + b"\n")
        child.stdin.flush()
    except BrokenPipeError:
        return  # it died at once; reading says so


def _received(pipe: IO[bytes], *, patience_s: float) -> Iterator[Message]:
    left = b""
    deadline = monotonic() + patience_s
    while True:
        ready, _, _ = select.select([pipe], [], [], max(deadline - monotonic(), 0))
        if not ready:
            raise ChildError(f"The process said nothing for {patience_s:.0f} s and was ended.")
        chunk = pipe.read(1 << 16)
        if not chunk:
            return
        *lines, left = (left + chunk).split(b"\n")
        yield from map(json.loads, lines)
        deadline = monotonic() + patience_s


def absolute_path() -> list[str]:
    """`sys.path`, good in any working folder; this package can be found on it."""
    here = str(Path(__file__).parents[2])
    paths = list(dict.fromkeys(str(Path(entry).absolute()) for entry in sys.path))
    return paths if here in paths else [*paths, here]


def _end_with_parent(lifeline: IO[bytes]) -> None:
    """The parent's end of stdin closes when it ends, however it ends."""
    lifeline.read()
    os._exit(1)


def _last(printed: IO[bytes]) -> str:
    printed.seek(0)
    text = printed.read().decode("utf-8", "replace").strip()
    return f"It printed: {text[-_SHOWN:]}" if text else "It printed nothing."
