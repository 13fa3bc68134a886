"""Folders of runs are found where people say."""

from pathlib import Path

import pytest
from ideal_bench import series

from benchmark.show.runs import RunFiles, folders_of_runs
from finexl.errors import InvalidInputError


def test_runs_are_found_below_a_folder_once(tmp_path: Path) -> None:
    for name in ("b", "a", "c [1]"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "explanations.jsonl").write_text("")
    found = folders_of_runs([tmp_path / "b", tmp_path])
    assert [folder.name for folder in found.runs] == ["b", "a", "c [1]"]


def test_replaced_results_are_found_only_where_they_are_named(tmp_path: Path) -> None:
    replaced = tmp_path / "run" / "earlier" / "1d8cf460"
    replaced.mkdir(parents=True)
    (replaced / "results.json").write_text("")
    (tmp_path / "run" / "explanations.jsonl").write_text("")
    assert folders_of_runs([tmp_path]).runs == (tmp_path / "run",)
    assert folders_of_runs([replaced]).runs == (replaced,)


def test_a_folder_without_runs_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"explanations\.jsonl"):
        folders_of_runs([tmp_path])


def folder_with(folder: Path, *files: str) -> Path:
    folder.mkdir(parents=True)
    for file in files:
        (folder / file).write_text("")
    return folder


@pytest.mark.parametrize("beside", ["groups.jsonl", "measured.json", "entry.json"])
def test_explanations_of_a_bundle_are_passed_over_with_a_word(beside: str, tmp_path: Path) -> None:
    run = folder_with(tmp_path / "run", "explanations.jsonl")
    other = folder_with(tmp_path / "ex", "explanations.jsonl", beside)
    found = folders_of_runs([tmp_path])
    assert found == ((run,), (other,))
    assert found.told == (f"Passed over 1 folder with explanations of a bundle, which are no run: {other}.",)
    assert folders_of_runs([run, other]) == found and not folders_of_runs([run]).told


def test_explanations_of_a_bundle_alone_are_no_run_that_could_go_on(tmp_path: Path) -> None:
    for name in "abcde":
        folder_with(tmp_path / name, "explanations.jsonl", "measured.json")
    with pytest.raises(InvalidInputError, match=r"A folder of a run is needed\. .*/a'.* and 2 more: "):
        folders_of_runs([tmp_path])


def test_a_finished_run_is_one_whatever_lies_beside_it(tmp_path: Path) -> None:
    run = folder_with(tmp_path / "run", "explanations.jsonl", "results.json", "measured.json")
    assert folders_of_runs([tmp_path]).runs == (run,)


LABELS = (
    "film noir",
    "film-noir",
    "film/noir",
    "film+noir",
    "film\\noir",
    "猫",
    "Дом",
    "",
    "x" * 300,
    "x" * 301,
    "a\nb",
    "..",
)


def test_labels_of_any_script_and_length_have_pictures_of_their_own() -> None:
    files = RunFiles(folder=Path("out"))
    grids = [files.grid(series(2, aspect=label)) for label in LABELS]
    assert len({*grids}) == len(LABELS)
    assert all(
        one.parent == files.grids and len(one.name.encode()) < 255 and one.name.isprintable() for one in grids
    )
    assert "猫" in grids[5].name and files.grid(series(2)).name == "single_aspect-vivid-seed1.png"
