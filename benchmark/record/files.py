"""Files that are either whole or absent: write aside, flush, rename; and disk trouble in plain words."""

import errno
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile

from filelock import FileLock, Timeout

from finexl.errors import FinexlError

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EROFS, errno.EACCES, errno.EPERM}


class OutputError(FinexlError):
    """The folder for results cannot be written."""


def is_disk_full(error: BaseException) -> bool:
    """Whether the disk, a quota or a limit on file size stopped a write."""
    return isinstance(error, OSError) and error.errno in _FULL


@contextmanager
def plain_disk_errors(path: Path) -> Iterator[None]:
    """Turn trouble with the disk into an error for people that names the path and the way out."""
    try:
        yield
    except OSError as error:
        raise OutputError(_explain(error, path)) from error


def strict_json(value: object) -> str:
    """One line of JSON with sorted keys; NaN and infinity raise instead of becoming invalid JSON."""
    return json.dumps(value, allow_nan=False, sort_keys=True, separators=(",", ":"))


def write_atomically(path: Path, content: bytes) -> None:
    """Publish a file in one step: after a crash at any moment the old or the new content is there, whole."""
    aside = path.with_name(f".{path.name}.{os.getpid()}.aside")
    with plain_disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with aside.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            aside.replace(path)
            _sync_folder(path.parent)
        finally:
            aside.unlink(missing_ok=True)


@contextmanager
def sole_writer(folder: Path) -> Iterator[None]:
    """Hold a folder of results for one run; the system lets go of it when the process ends, however it ends.

    Probes that it can be written before any work starts, and clears what a killed run left half-written.
    """
    with plain_disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / ".lock", timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise OutputError(
            f"One run at a time may write to {str(folder)!r}, and another one is writing now. "
            "Wait for it to end, or choose another folder with output=..."
        ) from error
    except OSError as error:
        raise OutputError(_explain(error, folder)) from error
    try:
        with plain_disk_errors(folder):
            for leftover in folder.rglob(".*.aside"):
                leftover.unlink(missing_ok=True)
        write_atomically(folder / ".probe", b"writable")
        (folder / ".probe").unlink(missing_ok=True)
        yield
    finally:
        lock.release()


def check_place(folder: Path, key: str) -> None:
    """See that a folder can be made and written at the place that a key names, without making it.

    Raises:
        OutputError: It cannot.
    """
    if why := why_no_place(folder):
        raise OutputError(
            f"`{key}` must be a place for files. Got {str(folder)!r}; {why}. Choose another folder with {key}=..."
        )


def why_no_place(folder: Path) -> str:
    """Why a folder cannot be made and written at a place; "" where it can."""
    place = folder.absolute()
    try:
        while not place.exists():
            place = place.parent
        why = "is a file" if not place.is_dir() else _unwritable(place)
    except OSError as error:
        why = f"cannot be looked at ({error.strerror})"
    return f"{str(place)!r} {why}" if why else ""


def _unwritable(folder: Path) -> str:
    """Why nothing can be written in a folder; "" where it can: rights alone do not tell, of /proc for one."""
    try:
        with TemporaryFile(dir=folder):
            return ""
    except OSError as error:
        return f"cannot be written ({error.strerror or error})"


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _explain(error: OSError, path: Path) -> str:
    reason = f"({error.strerror or error})"
    if is_disk_full(error):
        return (
            f"There must be room on the disk for {str(path)!r}, and there is none left {reason}. "
            "Free some space, or choose another disk with output=..., and run the same command again: "
            "finished work is kept."
        )
    if error.errno in _FORBIDDEN:
        return (
            f"The results folder must be writable. {str(path)!r} is not {reason}. "
            "Choose another folder with output=..."
        )
    return (
        f"{str(path)!r} must be a place for files. It cannot be written {reason}. "
        "Choose another folder with output=..."
    )
