"""Folders of runs are found where people say."""

from pathlib import Path

import pytest

from benchmark.show.runs import folders_of_runs
from finexl.errors import InvalidInputError


def test_runs_are_found_below_a_folder_once(tmp_path: Path) -> None:
    for name in ("b", "a", "c [1]"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "explanations.jsonl").write_text("")
    found = folders_of_runs([tmp_path / "b", tmp_path])
    assert [folder.name for folder in found] == ["b", "a", "c [1]"]


def test_a_folder_without_runs_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"explanations\.jsonl"):
        folders_of_runs([tmp_path])
