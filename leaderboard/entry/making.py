"""An entry is made of what an explainer said and of what its authors tell; hashes and environment are filled in."""

import json
import platform
from collections.abc import Mapping
from hashlib import sha256
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from leaderboard.entry.limits import FILE_BYTES
from leaderboard.entry.schema import ENTRY, EXPLANATIONS, REPLIES, SEAL

_PACKAGES = ("finexl", "numpy", "torch", "transformers", "open_clip_torch", "pillow", "scikit-learn", "scipy")
"""Packages whose versions can change what is said."""
_NO_CODE = frozenset({"__pycache__", ".git"})


def entry_files(
    facts: Mapping[str, Any], *, explanations: bytes, replies: bytes | None = None
) -> dict[str, bytes]:
    """The files of an entry; `facts` are the fields of entry.json without `files`."""
    files = {EXPLANATIONS: explanations} | ({} if replies is None else {REPLIES: replies})
    hashes = {name: sha256(content).hexdigest() for name, content in files.items()}
    entry = json.dumps({**facts, "files": hashes}, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    content = entry.encode("utf-8", "replace")
    return {ENTRY: content, SEAL: f"{sha256(content).hexdigest()}\n".encode(), **files}


def write_entry(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write an entry into a folder that is new or empty, or in place of the entry in it; through no link of a file."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in FILE_BYTES:
        (folder / name).unlink(missing_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)


def environment() -> dict[str, Any]:
    """Where this process runs, with the packages that matter."""
    found = {each.name.lower(): each.version for each in distributions() if each.name}
    return {
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "packages": {name: found[name.lower()] for name in _PACKAGES if name.lower() in found},
    }


def code_sha256(path: Path) -> str:
    """The hash of a file, or of every file of a folder with its path in it; caches do not count."""
    if path.is_file():
        return sha256(path.read_bytes()).hexdigest()
    lines = [
        f"{each.relative_to(path).as_posix()} {sha256(each.read_bytes()).hexdigest()}"
        for each in sorted(path.rglob("*"))
        if each.is_file() and not _NO_CODE & {*each.relative_to(path).parts}
    ]
    return sha256("\n".join(lines).encode()).hexdigest()
