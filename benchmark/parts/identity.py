"""What results depend on, as hashes: weights, versions of libraries and of the benchmark."""

import platform
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmark import __version__
from benchmark.parts.code import ACTS, act_code
from benchmark.record.files import strict_json
from benchmark.record.records import Versions
from finexl.errors import InvalidInputError

# told beside results and in no key: every release of a library would make everything again, and few change a result
_LIBRARIES = ("diffusers", "lightning", "numpy", "open_clip_torch", "scipy", "torch", "transformers")


def digest(value: Mapping[str, Any]) -> str:
    """The 32 hexadecimal digits that name a value: SHA-256 of its strict JSON."""
    return sha256(strict_json(value).encode()).hexdigest()[:32]


@lru_cache  # weights are read once for each process; nobody edits them during a run
def folder_digest(folder: Path, key: str = "folder") -> str:
    """A hash of the names and contents of all files below a folder, which was given as `key`.

    Raises:
        InvalidInputError: There is no such folder.
    """
    if not folder.is_dir():
        raise InvalidInputError(
            f"`{key}` must be a folder on this machine. There is none at {str(folder)!r}. Give the folder of a "
            "downloaded model, or leave it out."
        )
    total = sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = sha256(path.read_bytes()).hexdigest()
        total.update(f"{path.relative_to(folder).as_posix()} {content}\n".encode())
    return total.hexdigest()[:32]


def benchmark_version() -> str:
    """Version of the benchmark with a hash of the code that records depend on, whatever explainer and reader."""
    return _version(*ACTS)


def act_versions() -> Versions:
    """Versions of the code of each act."""
    return Versions(**{act: _version(act) for act in ACTS})


def _version(*acts: str) -> str:
    return f"{__version__}+{act_code(*acts)[:12]}"


def environment() -> dict[str, str]:
    """Versions of Python and of the libraries that results may depend on, without importing any."""
    versions = {name: installed for name in _LIBRARIES if (installed := _installed(name))}
    return {"machine": platform.machine(), "python": platform.python_version(), **versions}


def _installed(library: str) -> str | None:
    try:
        return version(library)
    except PackageNotFoundError:
        return None
