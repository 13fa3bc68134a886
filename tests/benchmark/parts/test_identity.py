"""Hashes of what results depend on: contents count, places do not."""

from pathlib import Path

import pytest

from benchmark.parts.identity import (
    benchmark_version,
    digest,
    environment,
    folder_digest,
)
from finexl.errors import InvalidInputError


def folder_with(root: Path, **files: str) -> Path:
    root.mkdir(parents=True)
    for name, content in files.items():
        (root / name).write_text(content)
    return root


def test_the_order_of_keys_does_not_matter() -> None:
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})


def test_a_folder_is_its_names_and_contents(tmp_path: Path) -> None:
    first = folder_with(tmp_path / "one", a="x", b="y")
    assert folder_digest(first) == folder_digest(folder_with(tmp_path / "two", a="x", b="y"))
    assert folder_digest(first) != folder_digest(folder_with(tmp_path / "three", a="y", b="x"))


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="folder on this machine"):
        folder_digest(tmp_path / "none")


def test_the_version_names_the_code_that_makes_records() -> None:
    version, _, code = benchmark_version().partition("+")
    assert version == "0.1.0"
    assert len(code) == 12


def test_the_environment_names_libraries_without_importing_them() -> None:
    assert {"python", "torch", "numpy"} <= set(environment())
