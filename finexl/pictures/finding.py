"""The files below a folder, whatever links lead to them, and which of them belong to systems and editors."""

from dataclasses import dataclass, field
from pathlib import Path

LITTER = frozenset(
    {
        "__macosx", "__pycache__", "thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini", "icon\r",
        "lost+found", "$recycle.bin", "recycler", "system volume information", "node_modules",
        "#recycle", "#snapshot", "@eadir", "@tmp", "@recycle", "@recently-snapshot",
    }
)  # fmt: skip
"""What systems, editors and storage servers leave beside pictures, in lower case; theirs else begins with a dot."""
OTHER_PICTURES = frozenset(
    {".gif", ".heic", ".heif", ".avif", ".jxl", ".jp2", ".tga", ".psd", ".svg", ".exr", ".hdr"}
)
"""Endings of pictures that are not read."""
_AGAIN = "its folder is a link to one that was read already"


def is_litter(name: str) -> bool:
    """Whether a file or folder of this name is a system's or an editor's own.

    >>> is_litter("Thumbs.db"), is_litter("@eaDir"), is_litter("@janedoe")
    (True, True, False)
    """
    return name.startswith(".") or name.lower() in LITTER


@dataclass(slots=True)
class Found:
    """What lies below a folder."""

    files: list[Path] = field(default_factory=list)
    """All that are no folders, in the order of their paths; also links that lead nowhere."""
    closed: list[tuple[Path, str]] = field(default_factory=list)
    """Folders that were not entered, each with the reason."""


def files_below(folder: Path) -> Found:
    """All files below a folder; links to folders are followed, each place once below each folder of the first level."""
    found = Found()
    root = _identity(folder)
    for path in _entries(folder, found):
        _take(path, found, {root})
    found.files.sort()
    return found


def _take(first: Path, found: Found, entered: set[tuple[int, int]]) -> None:
    waiting = [first]  # folders may lie deeper than functions may call themselves
    while waiting:
        path = waiting.pop()
        if not _is_folder(path):
            found.files.append(path)
        elif (own := _identity(path)) in entered:
            found.closed.append((path, _AGAIN))
        else:
            entered.add(own)
            waiting += reversed(_entries(path, found))


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a link through a folder that may not be entered
        return False


def _identity(folder: Path) -> tuple[int, int]:
    facts = folder.stat()
    return facts.st_dev, facts.st_ino


def _entries(folder: Path, found: Found) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError as reason:
        found.closed.append((folder, f"its folder cannot be opened: {reason.strerror}"))
        return []
