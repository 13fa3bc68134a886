"""The log of records: JSON lines that only grow, survive a kill at any byte, and are read back strictly.

A line that a killed run left unfinished is dropped on opening. Of several records of the same work the one with
the fewest failures counts, the first of equals: a group that met an outage is asked again by the next run, and what
there is of it is kept until there is something better. Times and costs stay out of `results.json`, so
that the same seed gives the same bytes, whatever the number of workers and however often the run was resumed.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from benchmark.record.files import OutputError, plain_disk_errors, write_atomically
from benchmark.record.records import GroupRecord, Provenance

RecordKey = tuple[str, str, str, Provenance]


def record_key(record: GroupRecord) -> RecordKey:
    """What makes two records the same piece of work: group, explainer and where everything came from."""
    return (record.scenario, record.group, record.explainer, record.provenance)


class RecordLog:
    """Records by key over one file of JSON lines; a record is on the disk before `append` returns."""

    def __init__(self, path: Path, records: Mapping[RecordKey, GroupRecord]) -> None:
        self._path = path
        self._records = dict(records)

    @property
    def path(self) -> Path:
        return self._path

    def __len__(self) -> int:
        return len(self._records)

    def __iter__(self) -> Iterator[GroupRecord]:
        return iter(self._records.values())

    def find(self, key: RecordKey) -> GroupRecord | None:
        """The best record of this work, if there is one."""
        return self._records.get(key)

    def append(self, record: GroupRecord) -> bool:
        """Add a record unless there is one that is as good; says whether it was added."""
        if not _is_better(record, self._records):
            return False
        line = strict_json(record.model_dump(mode="json")) + "\n"
        _append_durably(self._path, line.encode())
        _keep(record, self._records)
        return True


def open_log(path: Path) -> RecordLog:
    """Read the log, cut an unfinished last line off the file, and return what is whole; creates nothing."""
    if not path.exists():
        return RecordLog(path, {})
    with plain_disk_errors(path):
        content = path.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    if len(whole) < len(content):
        with plain_disk_errors(path):
            os.truncate(path, len(whole))
    records: dict[RecordKey, GroupRecord] = {}
    for number, line in enumerate(whole.splitlines(), start=1):
        record = _parse(line, path=path, number=number)
        if _is_better(record, records):
            _keep(record, records)
    return RecordLog(path, records)


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Publish a JSON file: sorted keys, indented, no NaN, one newline at the end."""
    text = json.dumps(value, allow_nan=False, sort_keys=True, indent=1, ensure_ascii=False)
    write_atomically(path, (text + "\n").encode("utf-8", "backslashreplace"))


def strict_json(value: object) -> str:
    """One line of JSON with sorted keys; NaN and infinity raise instead of becoming invalid JSON."""
    return json.dumps(value, allow_nan=False, sort_keys=True, separators=(",", ":"))


def without_cost(record: GroupRecord) -> dict[str, Any]:
    """The part of a record that the same seed repeats byte for byte."""
    return record.model_dump(mode="json", exclude={"cost"})


def costs(records: Sequence[GroupRecord]) -> list[dict[str, Any]]:
    """Seconds, calls and memory of each record, in the order given."""
    return [
        {"group": record.group, "explainer": record.explainer, **record.cost.model_dump(mode="json")}
        for record in records
    ]


def _is_better(record: GroupRecord, records: Mapping[RecordKey, GroupRecord]) -> bool:
    earlier = records.get(record_key(record))
    return earlier is None or record.n_failed < earlier.n_failed


def _keep(record: GroupRecord, records: dict[RecordKey, GroupRecord]) -> None:
    """Put a record last, in place of what was there of its work."""
    records.pop(record_key(record), None)
    records[record_key(record)] = record


def _append_durably(path: Path, line: bytes) -> None:
    with plain_disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            start = file.tell()
            try:
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
            except OSError:
                os.truncate(path, start)
                raise


def _parse(line: bytes, *, path: Path, number: int) -> GroupRecord:
    try:
        return GroupRecord.model_validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        raise OutputError(
            f"Every line of {str(path)!r} must be a record of this version. Line {number} is not: "
            f"{first['msg']} (at {'.'.join(map(str, first['loc'])) or 'the line itself'}). "
            "Move the file away to start anew, or choose another folder with output=..."
        ) from error
