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
        from finetune.explaining.cards.checks import write_table

        write_table(page, name, f"```text\n{told(folding.CARD_COLUMNS)}\n```")
