"""The logs of records: JSON lines that only grow, survive a kill at any byte, and are read back strictly.

A line that a killed run left unfinished is dropped on opening. Of several records of the same work the one with
the fewest failures counts, the last of equals: a group that met an outage is asked again by the next run, and what
there is of it is kept until there is something as good. Times and costs stay out of `results.json`, so
that the same seed gives the same bytes, whatever the number of workers and however often the run was resumed.
"""

import json
import os
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from benchmark.record.files import OutputError, plain_disk_errors, strict_json, write_atomically
from benchmark.record.records import GroupRecord, Record

R = TypeVar("R", bound=Record)
Missing = Callable[[R], tuple[int, ...]]
"""How much of a record is missing, the weightiest first."""


class RecordLog(Generic[R]):
    """Records by key over one file of JSON lines; a record is on the disk before `append` returns."""

    def __init__(
        self,
        path: Path,
        records: Iterable[R] = (),
        *,
        missing: Missing[R] = lambda record: (record.n_failed,),
    ) -> None:
        """`missing` counts what asking again may add to a record; of two records the one with less of it counts."""
        self._path, self._missing = path, missing
        self._records: dict[Hashable, R] = {}
        for record in records:
            if self._is_as_good(record):
                self._keep(record)

    def __len__(self) -> int:
        return len(self._records)

    def __iter__(self) -> Iterator[R]:
        return iter(self._records.values())

    def __getitem__(self, key: Hashable) -> R:
        """The record of this work that counts.

        Raises:
            KeyError: There is none.
        """
        return self._records[key]

    def find(self, key: Hashable) -> R | None:
        """The record of this work that counts, if there is one."""
        return self._records.get(key)

    def lacks(self, key: Hashable) -> bool:
        """Whether work is not recorded yet, or something of it is missing."""
        record = self.find(key)
        return record is None or any(self._missing(record))

    def append(self, record: R) -> bool:
        """Add a record unless there is one that is as good; says whether it was added."""
        earlier = self.find(record.key)
        if earlier is not None and self._missing(record) >= self._missing(earlier):
            return False
        self._write(record)
        return True

    def absorb(self, other: "RecordLog[R]") -> None:
        """Let the records of another log take the place of those that they are as good as."""
        for record in other:
            if self._is_as_good(record) and record != self.find(record.key):
                self._write(record)

    def _is_as_good(self, record: R) -> bool:
        earlier = self.find(record.key)
        return earlier is None or self._missing(record) <= self._missing(earlier)

    def _write(self, record: R) -> None:
        _append_durably(self._path, strict_json(record.model_dump(mode="json")).encode() + b"\n")
        self._keep(record)

    def _keep(self, record: R) -> None:
        """Put a record last, in place of what was there of its work."""
        self._records.pop(record.key, None)
        self._records[record.key] = record


def open_log(
    path: Path, kind: type[R], *, missing: Missing[R] = lambda record: (record.n_failed,)
) -> RecordLog[R]:
    """Read the log, cut an unfinished last line off the file, and return what is whole; creates nothing.

    Raises:
        OutputError: A whole line is no record of this kind, or the file cannot be read.
    """
    if not path.exists():
        return RecordLog(path, missing=missing)
    with plain_disk_errors(path):
        content = path.read_bytes()
        whole = content[: content.rfind(b"\n") + 1]
        if len(whole) < len(content):
            os.truncate(path, len(whole))
    lines = enumerate(whole.splitlines(), start=1)
    records = [_parse(line, kind, path=path, number=number) for number, line in lines]
    return RecordLog(path, records, missing=missing)


def write_json(path: Path, value: Mapping[str, Any], *, as_given: Collection[str] = ()) -> None:
    """Publish a JSON file: sorted keys, indented, no NaN, one newline at the end.

    What stands under the keys `as_given` keeps its order, where that says something.
    """
    ordered = {key: value[key] if key in as_given else _sorted(value[key]) for key in sorted(value)}
    text = json.dumps(ordered, allow_nan=False, indent=1, ensure_ascii=False)
    write_atomically(path, (text + "\n").encode("utf-8", "backslashreplace"))


def _sorted(value: Any) -> Any:
    """The same JSON value with the keys of every mapping in it sorted."""
    if isinstance(value, Mapping):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(one) for one in value] if isinstance(value, list | tuple) else value


def without_cost(record: GroupRecord) -> dict[str, Any]:
    """The part of a record that the same seed repeats byte for byte."""
    return record.model_dump(mode="json", exclude={"cost"})


def costs(records: Sequence[GroupRecord]) -> list[dict[str, Any]]:
    """Seconds, calls and memory of each record, in the order given."""
    return [
        {"group": record.group, "explainer": record.explainer, **record.cost.model_dump(mode="json")}
        for record in records
    ]


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


def _parse(line: bytes, kind: type[R], *, path: Path, number: int) -> R:
    try:
        return kind.model_validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        raise OutputError(
            f"Every line of {str(path)!r} must be a record of this version. Line {number} is not: "
            f"{first['msg']} (at {'.'.join(map(str, first['loc'])) or 'the line itself'}). "
            "Move the file away to start anew, or choose another folder with output=..."
        ) from error
