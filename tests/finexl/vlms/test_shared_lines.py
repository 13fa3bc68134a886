"""Lines that processes add to one file: whole, in order, each seen once."""

import json
from pathlib import Path

import pytest

from finexl.vlms.shared_lines import SharedLines


def add(lines: SharedLines, **line: int) -> list[bytes]:
    """What was new before the line was added."""
    seen: list[bytes] = []
    lines.exchange(lambda new: (seen.extend(new), [line])[1])
    return seen


def test_each_line_of_others_is_handed_over_once_and_own_lines_never(tmp_path: Path) -> None:
    ours, theirs = SharedLines(tmp_path / "f"), SharedLines(tmp_path / "f")
    add(ours, a=1)
    assert add(theirs, b=2) == [b'{"a": 1}']
    assert ours.new() == [b'{"b": 2}'] and ours.new() == []


def test_an_unfinished_line_is_not_read_and_the_next_writer_cuts_it_off(tmp_path: Path) -> None:
    add(SharedLines(tmp_path / "f"), a=1)
    with (tmp_path / "f").open("a") as file:
        file.write('{"b": ')
    lines = SharedLines(tmp_path / "f")
    assert lines.new() == [b'{"a": 1}']
    add(lines, c=3)
    assert [json.loads(line) for line in (tmp_path / "f").read_text().splitlines()] == [{"a": 1}, {"c": 3}]


def test_nothing_is_written_where_the_reply_fails(tmp_path: Path) -> None:
    lines = SharedLines(tmp_path / "f")
    add(lines, a=1)
    with pytest.raises(ValueError, match="JSON"):
        add(lines, b=float("nan"))  # type: ignore[arg-type]  # what cannot be JSON
    add(lines, c=3)
    assert (tmp_path / "f").read_text() == '{"a": 1}\n{"c": 3}\n'


def test_reading_needs_no_right_to_write(tmp_path: Path) -> None:
    add(SharedLines(tmp_path / "f"), a=1)
    (tmp_path / "f.lock").unlink(missing_ok=True)
    tmp_path.chmod(0o500)
    assert SharedLines(tmp_path / "f").new() == [b'{"a": 1}']
    assert not (tmp_path / "f.lock").exists()
    tmp_path.chmod(0o700)
