"""What results depend on, as hashes: the code that makes records, weights, versions of libraries."""

import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmark import __version__
from benchmark.parts.strangers import source_files
from benchmark.record.files import strict_json
from benchmark.record.records import Versions
from finexl.errors import InvalidInputError

_ACTS = {
    "explain": (
        "explain/explaining.py",
        "parts/wording.py",
        "plan/trials.py",
        "run/probing.py",
        "run/stages.py",
        "run/workbench.py",
    ),
    "read": (
        "parts/wording.py",
        "read/degrees.py",
        "read/judges.py",
        "read/lexicon.py",
        "read/readers.py",
    ),
    "certify": ("run/stages.py", "score/certification.py", "score/metrics.py"),
}
"""Files of this package that decide what a record of each act says; scores and pages are made anew from records."""
_EXPLAINING = ("baselines", "finexl")
_SOURCES = {".py", ".txt"}
_LIBRARIES = ("diffusers", "lightning", "numpy", "open_clip_torch", "scipy", "torch", "transformers")


def digest(value: Mapping[str, Any]) -> str:
    """The 32 hexadecimal digits that name a value: SHA-256 of its strict JSON."""
    return sha256(strict_json(value).encode()).hexdigest()[:32]


@lru_cache
def folder_digest(folder: Path) -> str:
    """A hash of the names and contents of all files below a folder."""
    if not folder.is_dir():
        raise InvalidInputError(
            f"A model must be a folder on this machine. There is none at {str(folder)!r}."
        )
    return _files_digest(folder, sorted(path for path in folder.rglob("*") if path.is_file()))


def benchmark_version() -> str:
    """Version of the benchmark with a hash of the code that makes records."""
    return _version(tuple(sorted({name for names in _ACTS.values() for name in names})))


def act_versions() -> Versions:
    """Versions of the code of each act."""
    return Versions(**{act: _version(names) for act, names in _ACTS.items()})


@lru_cache
def _version(names: Sequence[str]) -> str:
    here = Path(__file__).parents[1]
    return f"{__version__}+{_files_digest(here, [here / name for name in names])[:12]}"


@lru_cache
def explainer_code() -> str:
    """A hash of the source of every explainer of this project."""
    root = Path(__file__).parents[2]
    files = [path for name in _EXPLAINING for path in (root / name).rglob("*") if path.suffix in _SOURCES]
    return _files_digest(root, sorted(files))


def stranger_code(kind: str) -> str:
    """A hash of the source of a stranger's explainer: its file, its module, or all of its package."""
    files = source_files(kind)
    return _files_digest(Path(os.path.commonpath([path.parent for path in files])), files)


def environment() -> dict[str, str]:
    """Versions of Python and of the libraries that results may depend on, without importing any."""
    versions = {name: installed for name in _LIBRARIES if (installed := _installed(name))}
    return {"machine": platform.machine(), "python": platform.python_version(), **versions}


def _installed(library: str) -> str | None:
    try:
        return version(library)
    except PackageNotFoundError:
        return None


def _files_digest(root: Path, files: Iterable[Path]) -> str:
    total = sha256()
    for path in files:
        content = sha256(path.read_bytes()).hexdigest()
        total.update(f"{path.relative_to(root).as_posix()} {content}\n".encode())
    return total.hexdigest()[:32]
