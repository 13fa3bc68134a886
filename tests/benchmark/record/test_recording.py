"""Records survive a kill at any byte, are never written twice, and hold no NaN."""

import json
import subprocess
import sys
from pathlib import Path
from typing import cast

import pytest
from record_makers import group_record, series_record, trial

from benchmark.record import recording
from benchmark.record.files import OutputError, write_atomically
from benchmark.record.recording import open_log, record_key, write_json
from benchmark.record.records import GroupRecord, Outcome


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "records.jsonl"


def test_a_log_that_is_not_there_is_empty_and_is_not_made(path: Path) -> None:
    assert len(open_log(path)) == 0
    assert not path.exists()


def test_a_record_is_read_back_as_it_was_written(path: Path) -> None:
    record = series_record([1.0, None])
    open_log(path).append(record)
    assert list(open_log(path)) == [record]


def test_a_record_is_found_by_its_key(path: Path) -> None:
    record = series_record([1.0, 2.0])
    open_log(path).append(record)
    assert open_log(path).find(record_key(record)) == record


def test_a_record_of_the_same_work_is_ignored(path: Path) -> None:
    log = open_log(path)
    assert log.append(series_record([1.0, 2.0]))
    assert not log.append(series_record([9.0, 9.0]))
    assert len(path.read_text().splitlines()) == 1


def test_a_duplicate_in_the_file_counts_once(path: Path) -> None:
    open_log(path).append(series_record([1.0, 2.0]))
    path.write_bytes(path.read_bytes() * 2)
    assert len(open_log(path)) == 1


def failing_record(n_failed: int) -> GroupRecord:
    outcomes = ["failed" if index < n_failed else "ok" for index in range(3)]
    return group_record(
        "single_aspect",
        tuple(
            trial((level,), (1.0,), outcome=cast(Outcome, outcome)) for level, outcome in enumerate(outcomes)
        ),
    )


@pytest.mark.parametrize(("first", "second", "counts"), [(3, 0, 0), (1, 3, 1), (2, 1, 1), (0, 0, 0)])
def test_of_two_records_of_one_work_the_one_with_fewer_failures_counts(
    first: int, second: int, counts: int, path: Path
) -> None:
    log = open_log(path)
    log.append(failing_record(first))
    assert log.append(failing_record(second)) == (second < first)
    assert list(open_log(path)) == list(log) == [failing_record(counts)]


def test_a_failed_record_stays_in_the_file_when_it_is_superseded(path: Path) -> None:
    open_log(path).append(failing_record(2))
    before = path.read_bytes()
    open_log(path).append(failing_record(0))
    assert path.read_bytes().startswith(before) and len(path.read_bytes()) > len(before)


def test_a_record_that_supersedes_is_the_latest(path: Path) -> None:
    other = series_record([1.0, 2.0], explainer="random")
    for record in (failing_record(1), other, failing_record(0)):
        open_log(path).append(record)
    assert list(open_log(path)) == [other, failing_record(0)]


@pytest.mark.parametrize("kept", [1, 40, -2, -1])
def test_a_torn_last_line_is_dropped_and_the_log_goes_on(path: Path, kept: int) -> None:
    first, second = series_record([1.0, 2.0]), series_record([1.0, 2.0], group="other")
    open_log(path).append(first)
    whole = path.read_bytes()
    log = open_log(path)
    log.append(second)
    torn = path.read_bytes()[len(whole) :][:kept]
    path.write_bytes(whole + torn)
    assert list(open_log(path)) == [first]
    assert path.read_bytes() == whole
    open_log(path).append(second)
    assert list(open_log(path)) == [first, second]


def test_a_damaged_line_in_the_middle_is_an_error_that_names_it(path: Path) -> None:
    open_log(path).append(series_record([1.0, 2.0]))
    path.write_bytes(b'{"half": 1}\n' + path.read_bytes())
    with pytest.raises(OutputError, match="Line 1 is not"):
        open_log(path)


def test_nan_never_enters_a_file(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        write_json(tmp_path / "results.json", {"score": float("nan")})
    assert not list(tmp_path.iterdir())


def test_text_in_any_script_is_kept(path: Path) -> None:
    record = group_record("single_aspect", (trial((1,), (1.0,), concept="vívido \u202e 😀\n"),))
    open_log(path).append(record)
    assert list(open_log(path)) == [record]


def test_keys_of_json_files_are_sorted(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"b": 1, "a": 2})
    assert list(json.loads((tmp_path / "a.json").read_text())) == ["a", "b"]


def test_an_atomic_write_replaces_the_whole_file(tmp_path: Path) -> None:
    write_atomically(tmp_path / "file", b"old content")
    write_atomically(tmp_path / "file", b"new")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"new"]


FULL_DISK = """
import resource, sys
from pathlib import Path
from benchmark.record.files import OutputError, write_atomically
from benchmark.record.recording import open_log
from record_makers import series_record
folder = Path(sys.argv[1])
log = open_log(folder / "records.jsonl")
log.append(series_record([1.0, 2.0]))
resource.setrlimit(resource.RLIMIT_FSIZE, ((folder / "records.jsonl").stat().st_size + 100,) * 2)
other = series_record([1.0, 2.0], group="b")
for work in (lambda: log.append(other), lambda: write_atomically(folder / "r", b"x" * 9999)):
    try:
        work()
    except OutputError as error:
        print(error)
"""


def test_a_full_disk_is_told_plainly_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    paths = [str(Path(recording.__file__).parents[2]), str(Path(__file__).parents[1])]
    script = f"import sys\nsys.path[:0] = {paths!r}\n{FULL_DISK}"
    told = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert told.stdout.count("Free some space") == 2
    assert [path.name for path in tmp_path.iterdir()] == ["records.jsonl"]
    assert len(open_log(tmp_path / "records.jsonl")) == 1
