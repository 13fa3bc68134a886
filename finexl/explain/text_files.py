"""Text of people's files, in whichever Unicode encoding their program wrote it, and the prompts of pairs in it.

This file does not need torch.
"""

import codecs
import csv
import io
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from finexl.errors import InvalidInputError
from finexl.pictures import SUFFIXES

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before that of UTF-16, with which it begins
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LINE_END = re.compile(r"\r\n|\r|\n")
_NAME_COLUMNS = ("file_name", "file", "image", "name", "stem")
_PROMPT_COLUMNS = ("prompt", "text", "caption")
_SEPARATORS = (",", "\t", ";", "|")
_NO_LINES = (".yaml", ".yml", ".toml", ".xml", ".html")
"""Endings of files whose lines are no prompts."""
_REST = "\0"
_NAMED = 3
"""Names in a line for people."""


def decoded(content: bytes) -> str:
    """Text in UTF-8, or in UTF-16 or UTF-32 where it begins with that one's mark.

    Raises:
        UnicodeError: It is in another encoding, which nothing in it tells.
    """
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), "utf-8")
    text = content.decode(encoding)
    if "\0" in text:
        raise UnicodeError("it holds zero bytes, as UTF-16 without its mark does")
    return text


def lines_of(text: str) -> list[str]:
    r"""The lines of a text; the other separators of Unicode, at which `splitlines` cuts too, stand within lines.

    >>> lines_of("a\u2028boat\r\na car")
    ['a\u2028boat', 'a car']
    """
    return _LINE_END.split(text)


def read_text(path: Path, *, what: str) -> str:
    """A text file in UTF-8, or in UTF-16 or UTF-32 with its mark; errors call it `what`."""
    try:
        return decoded(path.read_bytes())
    except OSError as reason:
        raise unreadable(path, reason, what=what) from reason
    except UnicodeError as reason:
        raise InvalidInputError(
            f"{what} must be in UTF-8. {str(path)!r} is not: {reason}. Save it anew in UTF-8."
        ) from reason


def unreadable(path: Path, reason: OSError, *, what: str) -> InvalidInputError:
    """The error for a text that the system does not give."""
    return InvalidInputError(
        f"{what} must be a file that can be read. Got {str(path)!r}: {reason.strerror}. Look at its path and rights."
    )


def some_of(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


class PromptFile:
    """The prompts that a file holds, by the names of pairs."""

    def __init__(self, path: Path, names: Sequence[str]) -> None:
        text = read_text(path, what="`--prompts`")
        match path.suffix.lower():
            case ".csv" | ".tsv":
                found = _by_name(_rows(text, path), path)
            case ".jsonl" | ".json":
                found = _by_name(_entries(text, path), path)
            case suffix if suffix in _NO_LINES:
                raise InvalidInputError(
                    f"`--prompts` must be a file of lines, or a .csv, .tsv, .jsonl or .json. Got {str(path)!r}."
                )
            case _:
                lines = [" ".join(line.split()) for line in lines_of(text) if line.strip()]
                if len(lines) != len(names):
                    raise InvalidInputError(
                        f"{str(path)!r} must hold one prompt per line for each of {len(names)} pairs, in the order of "
                        f"their names ({some_of(names)}). It holds {len(lines)}. Or name the pairs, in a .csv or "
                        f".jsonl with the columns {_NAME_COLUMNS[0]} and {_PROMPT_COLUMNS[0]}."
                    )
                found = dict(zip(names, lines, strict=True))
        known = {*names}
        self.prompts = found
        self.unused = [name for name in found if name not in known]
        """Names of no pair."""
        if missing := [name for name in names if name not in found]:
            others = f" It has some of no pair: {some_of(self.unused)}." if self.unused else ""
            raise InvalidInputError(
                f"{str(path)!r} must hold a prompt for every pair. {len(missing)} have none: "
                f"{some_of(missing)}.{others}"
            )


def _rows(text: str, path: Path) -> list[dict[str, str]]:
    """The lines of a table, separated by what its first line has most of, as spreadsheets write it."""
    first = re.split(r"[\r\n]", text, maxsplit=1)[0]
    told = re.fullmatch(r'"?sep=(.)"?', first.strip(), re.IGNORECASE)
    separator = told[1] if told else max(_SEPARATORS, key=re.sub(r'"[^"]*"', "", first).count)
    body = text[len(first) :].lstrip("\r\n") if told else text
    reader = csv.DictReader(
        io.StringIO(body, newline=""), restkey=_REST, delimiter=separator, skipinitialspace=True
    )
    reader.fieldnames = [name.strip() for name in reader.fieldnames or ()]
    _check_columns(reader.fieldnames, path)
    try:
        rows = list(reader)
    except csv.Error as reason:
        raise InvalidInputError(
            f"{str(path)!r} must be a table of names and prompts: {reason}. Look for quotes that are not closed."
        ) from reason
    for number, row in enumerate(rows, start=1):
        if any(map(str.strip, row.pop(_REST, ()))):
            raise InvalidInputError(
                f"Each row of {str(path)!r} must have no more cells than there are columns. Row {number} has; put "
                "prompts with commas in quotes."
            )
    return rows


def _check_columns(columns: Iterable[str], path: Path) -> None:
    counts = Counter(column.lower() for column in columns)
    for column in (*_NAME_COLUMNS, *_PROMPT_COLUMNS):
        if counts[column] > 1:
            raise InvalidInputError(
                f"{str(path)!r} must have one column of each name. It has {counts[column]} called {column!r}; keep one."
            )


def _by_name(rows: Sequence[Mapping[str, object]], path: Path) -> dict[str, str]:
    found = {}
    for row in rows:
        _check_columns(row, path)
        cells = {column.lower(): cell for column, cell in row.items() if cell not in (None, "")}
        name = next((cells[column] for column in _NAME_COLUMNS if column in cells), None)
        prompt = next((cells[column] for column in _PROMPT_COLUMNS if column in cells), None)
        if not (isinstance(name, str) and isinstance(prompt, str) and _is_text(prompt)):
            raise InvalidInputError(
                f"Each row of {str(path)!r} must have one of {', '.join(_NAME_COLUMNS)} and one of "
                f"{', '.join(_PROMPT_COLUMNS)}, as texts. Got {str(dict(row))[:120]}."
            )
        stem, dot, suffix = unicodedata.normalize("NFC", name.strip()).rpartition(".")
        key = stem if dot and f".{suffix.lower()}" in SUFFIXES else f"{stem}{dot}{suffix}"
        said = " ".join(prompt.split())
        if found.setdefault(key, said) != said:
            raise InvalidInputError(
                f"{str(path)!r} must hold one prompt for each pair. It holds two for {name!r}: {found[key]!r} and "
                f"{said!r}."
            )
    return found


def _entries(text: str, path: Path) -> Sequence[Mapping[str, object]]:
    try:
        if path.suffix.lower() == ".jsonl":
            read = [_line_of_json(n, line) for n, line in enumerate(lines_of(text), start=1) if line.strip()]
        else:
            read = json.loads(text, object_pairs_hook=once)
    except (ValueError, RecursionError) as reason:
        raise InvalidInputError(f"{str(path)!r} must be JSON: {reason}.") from reason
    if isinstance(read, dict):
        read = [{"name": name, "prompt": prompt} for name, prompt in read.items()]
    if not isinstance(read, list) or not all(isinstance(row, dict) for row in read):
        raise InvalidInputError(
            f"{str(path)!r} must hold objects with names and prompts, or one of names to prompts."
        )
    return read


def _line_of_json(number: int, line: str) -> Any:
    try:
        return json.loads(line, object_pairs_hook=once)
    except json.JSONDecodeError as reason:
        raise ValueError(f"line {number}, column {reason.colno}: {reason.msg}") from reason
    except ValueError as reason:
        raise ValueError(f"line {number}: {reason}") from reason


def once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON, in which no name hides another."""
    content = dict(pairs)
    if len(content) < len(pairs):
        twice = next(name for name, n in Counter(name for name, _ in pairs).items() if n > 1)
        raise ValueError(f"{twice!r} stands twice in one object; keep one")
    return content


def _is_text(prompt: str) -> bool:
    """Whether it holds no half of a character, which JSON can and no file can."""
    try:
        prompt.encode()
    except UnicodeEncodeError:
        return False
    return True
