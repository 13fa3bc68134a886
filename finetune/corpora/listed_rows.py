"""The rows of a list: JSON lines or CSV, in UTF-8 or UTF-16, each a mapping of columns to cells."""

import csv
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from io import StringIO
from pathlib import Path
from typing import Any

from finetune.corpora.naming import one_line
from finexl.errors import InvalidInputError
from finexl.explain.text_files import decoded
from finexl.notices import MAX_EXAMPLES, Notice, notice

LISTS = (".jsonl", ".csv")
"""What lists are called."""
_NO_LABEL = {"nan", "-nan", "none", "null", "na", "n/a", "<na>", "#n/a", "#na", "nat"}
"""What tables write where a cell has nothing."""
_FAILED = re.compile(r"#(REF|VALUE|NAME|NUM|NULL|DIV/0)[!?]", re.IGNORECASE)
"""What spreadsheets write where a formula failed."""
_SEPARATORS = (",", ";", "\t", "|")
_UNNAMED = "\0"
"""How columns are called that the first line leaves unnamed, as where its end has commas too many."""


def rows_of(path: Path) -> list[dict[str, Any]]:
    """The entries of a .jsonl or .csv file.

    Raises:
        InvalidInputError: It is neither, or cannot be read as text.
    """
    if path.suffix.lower() not in LISTS:
        raise InvalidInputError(
            "`folder` of a corpus must be a folder of images, or a list of images in a .jsonl or .csv file (Parquet: "
            f"corpus=table). Got the file {str(path)!r}."
        )
    try:
        text = decoded(path.read_bytes())
        if path.suffix.lower() == ".csv":
            return _cells(text, path)
        return list(_entries(text))
    except csv.Error as reason:
        raise InvalidInputError(
            f"`folder` of a corpus must be or hold a list in readable CSV. Got {str(path)!r}: {reason}. Look for "
            "quotes that are not closed, or write it as JSON lines (.jsonl)."
        ) from reason
    except (OSError, UnicodeError) as reason:
        raise InvalidInputError(
            f"`folder` of a corpus must be or hold a list of readable text in UTF-8. Got {str(path)!r}: {reason}. Save "
            "it again in UTF-8."
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
        case str() if cell.strip().lower() in _NO_LABEL or _FAILED.fullmatch(cell.strip()):
            raise ValueError(f"its label is no word: {cell!r}")
        case str() | int():
            return str(cell)
        case _:
            raise ValueError(f"its label is a {type(cell).__name__}, not a word: {str(cell)[:60]!r}")


class Labels:
    """Labels as text, and which of them were spelled in several ways."""

    def __init__(self) -> None:
        self._spellings: dict[str, dict[str, None]] = {}

    def read(self, written: str) -> str:
        """A label as it counts: accents and spaces in one spelling.

        Raises:
            ValueError: Nothing is left of it.
        """
        label = one_line(written)
        if not label:
            raise ValueError("its entry has no label")
        self._spellings.setdefault(label, {})[written] = None
        return label

    def tell(self) -> None:
        """Tell of labels that look alike and were one."""
        several = [label for label, spellings in self._spellings.items() if len(spellings) > 1]
        if several:
            how = "labels that differ in invisible ways only, which are one here"
            notice(Notice(what="corpus", how=how, n=len(several), examples=tuple(several[:MAX_EXAMPLES])))


def has_too_many_cells(row: Mapping[str, Any]) -> bool:
    """Whether a line of CSV has more cells than there are columns, as with a comma in a text without quotes."""
    return any(map(str.strip, row.get("") or ()))


def _cells(text: str, path: Path) -> list[dict[str, Any]]:
    """The lines of CSV, separated by what the first has most of, or names as spreadsheets do (`sep=;`)."""
    first, *rest = re.split(r"\r\n|\r|\n", text, maxsplit=1)
    if told := re.fullmatch(r'"?sep=(.)"?', first.strip(), re.IGNORECASE):
        text, separator = "".join(rest), told[1]
    else:
        separator = max(_SEPARATORS, key=re.sub(r'"[^"]*"', "", first).count)
    reader = csv.DictReader(
        StringIO(text, newline=""), restkey="", delimiter=separator, skipinitialspace=True
    )
    names = [name.strip() for name in reader.fieldnames or ()]
    if twice := [name for name in names if name and names.count(name) > 1]:
        raise InvalidInputError(
            f"Columns of a list must have different names. {str(path)!r} has {twice[0]!r} twice. Rename one."
        )
    reader.fieldnames = [name or f"{_UNNAMED}{place}" for place, name in enumerate(names)]
    return [{name: cell for name, cell in row.items() if not name.startswith(_UNNAMED)} for row in reader]


def _entries(text: str) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(filter(str.strip, text.split("\n")), start=1):
        yield _entry(line, number)


def _entry(line: str, number: int) -> dict[str, Any]:
    with suppress(ValueError, RecursionError):
        if isinstance(entry := json.loads(line, object_pairs_hook=_once), dict):
            return entry
    raise InvalidInputError(
        f"Each line of a .jsonl file must be a JSON object that names nothing twice. Line {number}: "
        f"{line.strip()[:200]!r}."
    )


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(found := dict(pairs)) != len(pairs):
        raise ValueError("a name stands twice")
    return found
