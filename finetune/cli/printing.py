"""What several commands print; names of strangers' files are in it, so it is made harmless to a terminal."""

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from finexl.explain.harmless import shown

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_LONGEST = 4000
"""Characters of a line."""


def say(line: str) -> None:
    """Print a line in which paths of strangers' files may be."""
    print(shown(line, longest=_LONGEST))


def say_each(lines: Iterable[str]) -> None:
    """Print lines as they come: most take minutes."""
    for line in lines:
        print(line, flush=True)


def complain(message: object, code: int) -> int:
    """Say what is wrong; the exit code is handed back."""
    # line by line: a message may quote a stranger's file
    print("\n".join(shown(line, longest=_LONGEST) for line in str(message).split("\n")), file=sys.stderr)
    return code


def say_found(text: str, *, page: Path | None, name: str) -> None:
    """Print what was found, and write it into the page that was asked for."""
    print(text)
    if page is not None:
        from finetune.explaining.cards.checks import write_table

        write_table(page, name, f"```text\n{text}\n```")


def bar(bars: "Progress") -> Callable[[int, int, str], None]:
    """Tells a bar for each model."""
    tasks: dict[str, TaskID] = {}

    def tell(done: int, total: int, name: str) -> None:
        if name not in tasks:
            tasks[name] = bars.add_task(name, total=total)
        bars.update(tasks[name], completed=done, total=total)

    return tell
