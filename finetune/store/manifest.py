"""What a stored folder must contain: the SHA-256 of each file, in a manifest that carries its own."""

import hashlib
import json
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from finexl.errors import InvalidInputError

MANIFEST = "entry.json"
SCHEMA = 1


class DamagedEntryError(Exception):
    """A stored folder is not what its manifest says."""


def digest(values: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical JSON of `values`: keys sorted, tuples as lists, no NaN."""
    return hashlib.sha256(canonical(values).encode()).hexdigest()


def canonical(values: Mapping[str, Any]) -> str:
    """The one way to write `values` as JSON."""
    try:
        return json.dumps(values, sort_keys=True, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError) as reason:
        raise InvalidInputError(
            f"What names a store entry must be plain JSON without NaN. Got {values!r} ({reason})."
        ) from reason


def file_digest(path: Path) -> str:
    """SHA-256 of the content of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def exists_in(folder: Path) -> bool:
    """The folder has a manifest, so it was published."""
    return (folder / MANIFEST).is_file()


def write(folder: Path, describe: Mapping[str, Any]) -> None:
    """Describe and seal the files of `folder`, and flush everything to the disk."""
    files = {str(path.relative_to(folder)): path for path in sorted(folder.rglob("*")) if path.is_file()}
    body = {
        "schema": SCHEMA,
        "describe": dict(describe),
        "files": {name: file_digest(path) for name, path in files.items()},
    }
    manifest = folder / MANIFEST
    sealed = {"digest": digest(body), **body}
    manifest.write_text(json.dumps(sealed, indent=1, sort_keys=True, allow_nan=False))
    for path in [*files.values(), manifest]:
        _flush(path, os.O_RDONLY)
    for path in [*(path for path in folder.rglob("*") if path.is_dir()), folder]:
        flush_folder(path)


def check(folder: Path) -> None:
    """Raise `DamagedEntryError` unless every file of `folder` is what was sealed."""
    for name, expected in _sealed_files(folder).items():
        path = folder / name
        try:
            if not stat.S_ISREG(path.lstat().st_mode):
                raise DamagedEntryError(f"{name} is not a file")
            found = file_digest(path)
        except OSError as reason:
            raise DamagedEntryError(f"{name} cannot be read: {reason.strerror}") from reason
        if found != expected:
            raise DamagedEntryError(f"{name} has another content than was stored")


def flush_folder(folder: Path) -> None:
    """Make the names in `folder` durable."""
    _flush(folder, os.O_RDONLY | os.O_DIRECTORY)


def _sealed_files(folder: Path) -> dict[str, str]:
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        claimed = manifest.pop("digest")
        schema, files = manifest["schema"], manifest["files"]
    except OSError as reason:
        raise DamagedEntryError(f"{MANIFEST} cannot be read: {reason.strerror}") from reason
    except (ValueError, KeyError, AttributeError, TypeError) as reason:
        raise DamagedEntryError(f"{MANIFEST} is not a manifest") from reason
    if schema != SCHEMA:
        raise DamagedEntryError(f"{MANIFEST} has schema {schema!r}, not {SCHEMA}")
    if claimed != digest(manifest):
        raise DamagedEntryError(f"{MANIFEST} has another content than was stored")
    return files


def _flush(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
