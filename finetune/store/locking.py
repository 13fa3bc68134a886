"""One maker at a time: a lock file that the operating system releases when its holder dies.

The lock is the kernel's (`flock`), not the file's existence: a killed process leaves a file, never a lock,
so nothing has to guess whether a process id is still alive.
"""

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

logger = logging.getLogger(__name__)


@contextmanager
def exclusive(path: Path, *, wait: bool = True) -> Iterator[None]:
    """Hold the lock file `path`; if another process or thread holds it, wait or raise `BlockingIOError`."""
    descriptor = _acquired(path, wait=wait)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(descriptor)


def _acquired(path: Path, *, wait: bool) -> int:
    """An open descriptor that holds the lock of the file that `path` names now.

    A holder removes its file before it lets go, so a waiter may wake up with the lock of a file that is gone.
    """
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            _lock(descriptor, wait=wait)
            if _is_file_at(descriptor, path):
                os.truncate(descriptor, 0)
                os.write(descriptor, f"{os.getpid()}\n".encode())
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _lock(descriptor: int, *, wait: bool) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        if not wait:
            raise
        logger.info("Waiting for process %s, which is making the same entry.", _holder(descriptor))
        fcntl.flock(descriptor, fcntl.LOCK_EX)


def _is_file_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _holder(descriptor: int) -> str:
    return os.pread(descriptor, 32, 0).decode(errors="replace").strip() or "?"
