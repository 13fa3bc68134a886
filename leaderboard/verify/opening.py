"""The files of an entry as bytes, whatever a stranger made the folder or archive of."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from leaderboard.entry.limits import FILE_BYTES
from leaderboard.entry.problems import Problem, Unreadable
from leaderboard.verify.archives import is_archive, unpacked

_WHAT = {
    stat.S_IFLNK: "a symbolic link",
    stat.S_IFDIR: "a folder",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
}


def opened(path: Path) -> Mapping[str, bytes]:
    """The content of each file of an entry, a folder or an archive; nothing is written.

    Raises:
        Unreadable: It holds anything but regular files with the names of an entry and within limits.
    """
    try:
        mode = path.lstat().st_mode
    except (OSError, ValueError) as error:
        raise Unreadable(
            container(
                str(path), f"An entry must be there. {str(path)!a} is not: {error}.", "Give its folder."
            )
        ) from error
    if stat.S_ISDIR(mode):
        return _folder(path)
    if stat.S_ISREG(mode) and is_archive(path):
        return unpacked(path)
    what = _WHAT.get(stat.S_IFMT(mode), "a file of another kind")
    raise Unreadable(
        container(
            path.name,
            f"An entry must be a folder, or an archive .zip, .tar or .tar.gz. This is {what}.",
            "Give the folder that `python -m leaderboard submit` made.",
        )
    )


def container(file: str, what: str, fix: str) -> Problem:
    """A problem of the folder or archive."""
    return Problem(rule="container", file=file, what=what, fix=fix)


def _folder(path: Path) -> dict[str, bytes]:
    names = []
    with os.scandir(path) as found:
        for each in found:
            if each.name not in FILE_BYTES:
                raise Unreadable(
                    container(
                        ascii(each.name)[1:-1][:80],
                        f"An entry must hold no other files than {', '.join(FILE_BYTES)}.",
                        "Take the file out; sources belong behind `link` and `requirement`.",
                    )
                )
            names.append(each.name)
    return {name: _content(path / name) for name in sorted(names)}


def _content(path: Path) -> bytes:
    # looked at once it is open: between a look and an opening the file could be changed for a link
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise _no_file(path, f"It is {_kind(path)} ({error.strerror})") from error
    try:
        facts = os.fstat(handle)
        if not stat.S_ISREG(facts.st_mode):
            raise _no_file(path, f"It is {_kind(path)}")
        if facts.st_nlink > 1:
            raise _no_file(path, f"It is a hard link, one of {facts.st_nlink} names")
        with os.fdopen(handle, "rb", closefd=False) as file:
            content = file.read(FILE_BYTES[path.name] + 1)
    finally:
        os.close(handle)
    if len(content) > FILE_BYTES[path.name]:
        raise Unreadable(
            Problem(
                rule="limits",
                file=path.name,
                what=f"The file must have at most {FILE_BYTES[path.name]:,} bytes. It has more.",
                fix="Say less; shorten texts and replies.",
            )
        )
    return content


def _no_file(path: Path, what: str) -> Unreadable:
    must = "A file of an entry must be a regular file of its own that can be read."
    return Unreadable(container(path.name, f"{must} {what}.", "Put a copy of the file in its place."))


def _kind(path: Path) -> str:
    return _WHAT.get(stat.S_IFMT(path.lstat().st_mode), "a file of another kind")
