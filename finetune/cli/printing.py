"""What several commands print; names of strangers' files are in it, so it is made harmless to a terminal."""

import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from finexl.explain import folding
from finexl.explain.harmless import shown

_LONGEST = 4000
"""Characters of a line."""


def say(line: str) -> None:
    """Print a line in which paths of strangers' files may be."""
    folding.say(shown(line, longest=_LONGEST))


def say_each(lines: Iterable[str]) -> None:
    """Print lines as they come: most take minutes."""
    for line in lines:
        folding.say(line)


def complain(message: object, code: int) -> int:
    """Say what is wrong; the exit code is handed back."""
    # line by line: a message may quote a stranger's file
    lines = [shown(line, longest=_LONGEST) for line in str(message).split("\n")]
    folding.say("\n".join(lines), file=sys.stderr)
    return code


def say_found(told: Callable[[int], str], *, page: Path | None = None, name: str = "") -> None:
    """Print what was found, as wide as there is room, and write it into the page that was asked for."""
    folding.say(told(folding.room(otherwise=folding.CARD_COLUMNS)))
    if page is not None:
        write_table(page, name, f"```text\n{told(folding.CARD_COLUMNS)}\n```")


def write_table(page: Path, name: str, text: str) -> None:
    """Put a command's table between its marks in a page, at the end where there are none."""
    start, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    whole = page.read_text(encoding="utf-8") if page.is_file() else ""
    before, begin, rest = whole.partition(start)
    after = rest.partition(end)[2] if begin else ""
    joined = f"{before.rstrip()}\n\n{start}\n{text}\n{end}\n{after.removeprefix(chr(10))}"
    page.write_text(joined.lstrip(), encoding="utf-8")
