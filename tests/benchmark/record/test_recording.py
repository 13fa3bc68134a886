"""Records survive a kill at any byte, are never written twice, and hold no NaN."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from record_makers import explanation_record

from benchmark.record import recording
from benchmark.record.files import OutputError, write_atomically
from benchmark.record.recording import RecordLog, open_log, write_json
from benchmark.record.records import (
    CertificateKey,
    CertificateRecord,
    ExplanationRecord,
    Reading,
    ReadingKey,
    ReadingRecord,
    Record,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "explanations.jsonl"


def opened(path: Path) -> RecordLog[ExplanationRecord]:
    return open_log(path, ExplanationRecord)


def test_a_log_that_is_not_there_is_empty_and_is_not_made(path: Path) -> None:
    assert len(opened(path)) == 0
    assert not path.exists()


def test_a_record_is_read_back_as_it_was_written(path: Path) -> None:
    record = explanation_record([1.0, None])
    opened(path).append(record)
    assert list(opened(path)) == [record]


def test_a_record_is_found_by_its_key(path: Path) -> None:
    record = explanation_record([1.0, 2.0])
    opened(path).append(record)
    assert opened(path).find(record.key) == record


def test_a_record_of_the_same_work_is_ignored(path: Path) -> None:
    log = opened(path)
    assert log.append(explanation_record([1.0, 2.0]))
    assert not log.append(explanation_record([9.0, 9.0]))
    assert len(path.read_text().splitlines()) == 1


def test_a_duplicate_in_the_file_counts_once(path: Path) -> None:
    opened(path).append(explanation_record([1.0, 2.0]))
    path.write_bytes(path.read_bytes() * 2)
    assert len(opened(path)) == 1


def failing_record(n_failed: int) -> ExplanationRecord:
    return explanation_record([None if index < n_failed else 1.0 for index in range(3)])


@pytest.mark.parametrize(("first", "second", "counts"), [(3, 0, 0), (1, 3, 1), (2, 1, 1), (0, 0, 0)])
def test_of_two_records_of_one_work_the_one_with_fewer_failures_counts(
    first: int, second: int, counts: int, path: Path
) -> None:
    log = opened(path)
    log.append(failing_record(first))
    assert log.append(failing_record(second)) == (second < first)
    assert list(opened(path)) == list(log) == [failing_record(counts)]


def test_a_failed_record_stays_in_the_file_when_it_is_superseded(path: Path) -> None:
    opened(path).append(failing_record(2))
    before = path.read_bytes()
    opened(path).append(failing_record(0))
    assert path.read_bytes().startswith(before) and len(path.read_bytes()) > len(before)


def test_a_record_that_supersedes_is_the_latest(path: Path) -> None:
    other = explanation_record([1.0, 2.0], explainer="random")
    for record in (failing_record(1), other, failing_record(0)):
        opened(path).append(record)
    assert list(opened(path)) == [other, failing_record(0)]


@pytest.mark.parametrize("kept", [1, 40, -2, -1])
def test_a_torn_last_line_is_dropped_and_the_log_goes_on(path: Path, kept: int) -> None:
    first, second = explanation_record([1.0, 2.0]), explanation_record([1.0, 2.0], group="other")
    opened(path).append(first)
    whole = path.read_bytes()
    log = opened(path)
    log.append(second)
    torn = path.read_bytes()[len(whole) :][:kept]
    path.write_bytes(whole + torn)
    assert list(opened(path)) == [first]
    assert path.read_bytes() == whole
    opened(path).append(second)
    assert list(opened(path)) == [first, second]


def test_a_damaged_line_in_the_middle_is_an_error_that_names_it(path: Path) -> None:
    opened(path).append(explanation_record([1.0, 2.0]))
    path.write_bytes(b'{"half": 1}\n' + path.read_bytes())
    with pytest.raises(OutputError, match="Line 1 is not"):
        opened(path)


READ = ReadingRecord(
    explainer="finexl",
    group="g",
    key=ReadingKey(
        reader="lexicon",
        aspects=("vivid",),
        corpus_aspects=("vivid", "grainy"),
        words=("0a", "0b", "0c"),
        version="1",
    ),
    readings=(Reading(values=(1.0,), outcome="ok"), Reading(values=None, outcome="timeout"), None),
)
CERTIFIED = CertificateRecord(
    key=CertificateKey(pairs=("a", "b"), aspects=("vivid",), levels=((1,), (2,)), certifier="c", version="1"),
    group="g",
    divergences=(0.1, 0.2),
    estimates=((0.3,), (None,)),
    floors=(0.1,),
    certified_aspects=(False,),
)


@pytest.mark.parametrize("record", [READ, CERTIFIED])
def test_every_kind_of_record_has_a_log(record: Record, path: Path) -> None:
    open_log(path, type(record)).append(record)
    log = open_log(path, type(record))
    assert list(log) == [log.find(record.key)] == [record]


def test_a_log_of_another_kind_is_refused(path: Path) -> None:
    open_log(path, CertificateRecord).append(CERTIFIED)
    with pytest.raises(OutputError, match="must be a record of this version"):
        opened(path)


def test_only_what_failed_to_be_read_counts_as_a_failed_reading() -> None:
    assert READ.n_failed == 1


def test_notes_are_no_part_of_the_words_that_are_read() -> None:
    (said,) = explanation_record([1.0]).said
    other = explanation_record([1.0]).model_copy(update={"said": (replace(said, notes={"n": 3}),)})
    assert other.words == explanation_record([1.0]).words != explanation_record([2.0]).words


@pytest.mark.parametrize(("there", "again", "counts"), [(1, 0, 0), (1, 1, 1), (0, 1, 0), (3, 2, 2)])
def test_what_was_made_again_counts_where_it_is_as_good(
    there: int, again: int, counts: int, path: Path, tmp_path: Path
) -> None:
    log, made = opened(path), opened(tmp_path / "again.jsonl")
    log.append(failing_record(there))
    redone = failing_record(again).model_copy(update={"explainer": "again"})
    made.append(redone)
    log.absorb(made)
    (record,) = opened(path)
    assert list(log) == [record] and record.n_failed == counts
    assert (record.explainer == "again") == (again <= there)


def test_what_was_taken_over_before_is_not_written_twice(path: Path, tmp_path: Path) -> None:
    log, made = opened(path), opened(tmp_path / "again.jsonl")
    made.append(failing_record(0))
    log.absorb(made)
    log.absorb(made)
    assert len(path.read_text().splitlines()) == 1


def test_nan_never_enters_a_file(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        write_json(tmp_path / "results.json", {"score": float("nan")})
    assert not list(tmp_path.iterdir())


def test_text_in_any_script_is_kept(path: Path) -> None:
    record = explanation_record([1.0], concept="vívido \u202e 😀\n")
    opened(path).append(record)
    assert list(opened(path)) == [record]


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
from benchmark.record.records import ExplanationRecord
from record_makers import explanation_record
folder = Path(sys.argv[1])
path = folder / "explanations.jsonl"
log = open_log(path, ExplanationRecord)
log.append(explanation_record([1.0, 2.0]))
resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 100,) * 2)
other = explanation_record([1.0, 2.0], group="b")
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
    assert [path.name for path in tmp_path.iterdir()] == ["explanations.jsonl"]
    assert len(opened(tmp_path / "explanations.jsonl")) == 1


def test_a_json_file_keeps_the_order_of_what_is_given_in_order(tmp_path: Path) -> None:
    value = {"settings": {"b": 1, "a": {"d": 2, "c": 3}}, "records": [{"b": 1, "a": 2}]}
    recording.write_json(tmp_path / "results.json", value, as_given=("settings",))
    read = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert [list(read), list(read["settings"]), list(read["records"][0])] == [
        ["records", "settings"], ["b", "a"], ["a", "b"],
    ]  # fmt: skip
