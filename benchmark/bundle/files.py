"""Files of a bundle, read strictly: regular files of a known size under names that lead nowhere else."""

import os
import stat
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from finexl.errors import InvalidInputError

LARGEST, LARGEST_IMAGE = 64 << 20, 4 << 20
"""Bytes of a file of JSON, and of an image."""
_AGAIN = "Take the bundle as it was published."


def content_of(folder: Path, name: str, *, at_most: int = LARGEST) -> bytes:
    """The content of a file that lies in a folder itself and is no link.

    Raises:
        InvalidInputError: There is none, it is a link or no file, it is too large, or the name is a path.
    """
    path = folder / name
    if Path(name).name != name:
        raise _no_file(path, "its name leads out of the folder")
    try:
        # looked at once it is open: between a look and an opening it could be changed for a link
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise _no_file(path, "it is a symbolic link" if path.is_symlink() else str(error.strerror)) from error
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise _no_file(path, "it is no regular file")
        content = file.read(at_most + 1)
    if len(content) > at_most:
        raise _no_file(path, f"it is larger than {at_most:,} bytes")
    return content


def image_content(folder: Path, digest: str) -> bytes:
    """The content of the image with a hash, from the folder of images.

    Raises:
        InvalidInputError: It is not there, or has another hash.
    """
    content = content_of(folder, f"{digest}.png", at_most=LARGEST_IMAGE)
    if (found := sha256(content).hexdigest()) != digest:
        raise InvalidInputError(
            f"An image of a bundle must have the hash that it is named by. {str(folder / digest)[:200]!r} has "
            f"{found[:12]}…: it was changed. {_AGAIN}"
        )
    return content


def check_names(folder: Path, known: Iterable[str], *, images: Iterable[str]) -> None:
    """See that a bundle's folder holds nothing that the manifest does not name; links are nothing that it names.

    Raises:
        InvalidInputError: Something else is there.
    """
    allowed, shown = {*known, "images"}, {f"{digest}.png" for digest in images}
    for place, names in ((folder, allowed), (folder / "images", shown)):
        # the bundle itself may be linked to from elsewhere
        if not place.is_dir() or (place.is_symlink() and place != folder):
            raise _no_file(place, "it is no folder of its own")
        for entry in sorted(os.scandir(place), key=lambda each: each.name):
            if entry.name not in names or entry.is_symlink():
                what = "a symbolic link" if entry.is_symlink() else "not named by manifest.json"
                raise InvalidInputError(
                    f"A bundle must hold what its manifest names and nothing else. {entry.path[:200]!a} is {what}. "
                    f"Take it out. {_AGAIN}"
                )


def _no_file(path: Path, why: str) -> InvalidInputError:
    return InvalidInputError(
        f"A bundle must be a folder with {path.name}, a regular file of its own. {str(path)[:200]!r} is none: {why}. "
        f"Give the folder that holds manifest.json. {_AGAIN}"
    )
