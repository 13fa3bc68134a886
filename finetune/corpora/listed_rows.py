"""The rows of a list: JSON lines or CSV, in UTF-8 or UTF-16, each a mapping of columns to cells."""

import codecs
import csv
import json
from collections.abc import Iterator
from contextlib import suppress
from io import StringIO
from pathlib import Path
from typing import Any

from finexl.errors import InvalidInputError

LISTS = (".jsonl", ".csv")
"""What lists are called."""
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def decoded(content: bytes) -> str:
    """Text in UTF-8, or in UTF-16 where it begins with that one's mark.

    Raises:
        UnicodeError: It is in another encoding, which nothing in it tells.
    """
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), "utf-8")
    return content.decode(encoding)


def rows_of(path: Path) -> list[dict[str, Any]]:
    """The entries of a .jsonl or .csv file.

    Raises:
        InvalidInputError: It is neither, or cannot be read as text.
    """
    if path.suffix.lower() not in LISTS:
        raise InvalidInputError(
            "A list of images must be a .jsonl or .csv file; use kind `table` for Parquet. "
            f"Got {path.suffix!r}: {str(path)!r}."
        )
    try:
        text = decoded(path.read_bytes())
        if path.suffix.lower() == ".csv":
            return list(csv.DictReader(StringIO(text, newline=""), restkey=""))
        return list(_entries(text))
    except (OSError, UnicodeError, csv.Error) as reason:
        raise InvalidInputError(
            f"A list of images must be readable text in UTF-8. Got {str(path)!r}: {reason}. Save it again in UTF-8."
        ) from reason


def label_of(cell: object) -> str:
    """A label as text: words, or a whole number as it is written.

    Raises:
        ValueError: It is none; the message is the reason.
    """
    match cell:
        case None | "":
            raise ValueError("its entry has no label")
        case bool() | float():
            raise ValueError(f"its label is no word: {cell!r}")
        case str() if not cell.strip():
            raise ValueError("its entry has no label")
        case str() | int():
            return str(cell)
        case _:
            raise ValueError(f"its label is a {type(cell).__name__}, not a word: {str(cell)[:60]!r}")


def _entries(text: str) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(filter(str.strip, text.split("\n")), start=1):
        yield _entry(line, number)


def _entry(line: str, number: int) -> dict[str, Any]:
    with suppress(ValueError, RecursionError):
        if isinstance(entry := json.loads(line), dict):
            return entry
    raise InvalidInputError(
        f"Each line of a .jsonl file must be a JSON object. Line {number}: {line.strip()[:200]!r}."
    )
