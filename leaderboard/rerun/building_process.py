"""The process in which a folder of sources is built into a wheel: what its authors wrote runs here, cut off."""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

from benchmark.explain import wire
from benchmark.explain.isolation import WORK, View, isolate, limit_files, limit_memory

_SHOWN = 300


def serve(number: int) -> NoReturn:
    """Build what arrives through the socket of a number, send the wheel back, and end."""
    control = socket.socket(fileno=number)
    os.set_inheritable(number, False)
    job = wire.receive(control, largest=(1 << 30, 0))
    if job is None:
        os._exit(1)
    limits = job.head["limits"]
    view = View(root=Path(job.head["root"]), shown=tuple(map(Path, job.head["shown"])))
    exposed = isolate(view, room_mb=limits["file_mb"])
    if exposed:
        wire.send(control, {"fault": f"This machine cuts no process off from {', '.join(exposed)}."})
        os._exit(0)
    limit_files(limits["file_mb"])
    limit_memory(limits["memory_gb"])
    os.environ["HOME"] = os.environ["TMPDIR"] = str(WORK)
    wire.send(control, *_wheel(Path(job.head["source"])))
    os._exit(0)  # and all that it started with it: this is the first process of its namespace


def _wheel(source: Path) -> tuple[wire.Head, bytes]:
    """The wheel of a folder, or what went wrong."""
    try:
        # builders write beside what they build
        shutil.copytree(source, WORK / "source", ignore=shutil.ignore_patterns(".*", "build", "dist"))
    except (OSError, shutil.Error) as error:
        return {"fault": f"Its folder could not be copied: {str(error)[:_SHOWN]}"}, b""
    made = WORK / "made"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pip", "--isolated", "--disable-pip-version-check", "--quiet", "wheel"),
            *("--no-deps", "--no-index", "--no-build-isolation", "--no-cache-dir"),
            *("--wheel-dir", str(made), str(WORK / "source")),
        ],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    wheels = sorted(made.glob("*.whl")) if made.is_dir() else []
    if done.returncode or not wheels:
        last = done.stderr.decode("utf-8", "replace").strip()[-_SHOWN:]
        return {"fault": f"pip wheel failed: {last}"}, b""
    return {"wheel": wheels[0].name}, wheels[0].read_bytes()
