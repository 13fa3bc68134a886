"""Images of strangers at the size of a corpus; every file that fails is named with its reason."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import UInt8
from PIL import Image

from finetune.store import manifest
from finexl.notices import MAX_EXAMPLES, Notice, notice
from finexl.pictures import SUFFIXES, Encoded, UnreadableImageError, header_fault, read_told

__all__ = [
    "SUFFIXES",
    "Encoded",
    "SkippedFile",
    "UnreadableImageError",
    "digest_of",
    "fit",
    "header_fault",
    "inside",
    "left_out",
    "open_picture",
    "read_image",
    "report",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class SkippedFile:
    """A file that a corpus leaves out."""

    name: str
    reason: str


def read_image(encoded: Encoded | UnreadableImageError, size: int) -> UInt8[np.ndarray, "size size 3"]:
    """An image as seen (`finexl.pictures`), its middle square resized to `size` pixels.

    Raises:
        UnreadableImageError: it cannot be read; or the very reason that was found in its place.
    """
    if isinstance(encoded, UnreadableImageError):
        raise encoded
    return fit(open_picture(encoded), size)


def open_picture(encoded: Encoded) -> Image.Image:
    """A file's picture as seen; what of the file is not seen is told.

    Raises:
        UnreadableImageError: it cannot be read.
    """
    picture, told = read_told(encoded)
    for how in told:
        notice(Notice(what="corpus", how=how))
    return picture


def fit(image: Image.Image, size: int) -> UInt8[np.ndarray, "size size 3"]:
    """The middle square of an RGB image at `size` pixels, by the Lanczos filter."""
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    square = image.crop((left, top, left + side, top + side))
    return np.asarray(square.resize((size, size), Image.Resampling.LANCZOS)).copy()


def inside(folder: Path, name: str) -> Path:
    """The path of a file that a table names, which must lie in `folder`; links are followed."""
    path = Path(name)
    if path.is_absolute() and path.is_relative_to(folder.absolute()):
        raise UnreadableImageError("its path is written from the root on; write it from the folder on")
    if path.is_absolute() or ".." in path.parts or "\0" in name:
        raise UnreadableImageError("its path leads out of the folder")
    return folder / path


def digest_of(folder: Path, paths: Iterable[Path]) -> str:
    """A hash of files: their names within `folder`, and their content."""
    return manifest.digest(
        {path.relative_to(folder).as_posix(): manifest.file_digest(path) for path in paths}
    )


def report(skipped: Sequence[SkippedFile]) -> str:
    """One line: how many files were left out, and the first three."""
    shown = "; ".join(f"{file.name!r}: {file.reason}" for file in skipped[:3])
    more = f"; and {len(skipped) - 3} more" if len(skipped) > 3 else ""
    return f"{len(skipped)} images were left out ({shown}{more})."


def left_out(skipped: Sequence[SkippedFile]) -> tuple[Notice, ...]:
    """What was left out, by reason; what a reason quotes is no part of it."""
    by_reason: dict[str, list[str]] = {}
    for file in skipped:
        by_reason.setdefault(file.reason.partition(":")[0], []).append(file.name)
    return tuple(
        Notice(
            what="corpus",
            how=f"left out: {reason}",
            n=len(names),
            examples=tuple(names[:MAX_EXAMPLES]),
        )
        for reason, names in by_reason.items()
    )
