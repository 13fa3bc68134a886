"""What commands print."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table

_WIDE = 110
"""Columns where there is no terminal."""


def say(line: str) -> None:
    """Print a line as soon as it is known."""
    print(line, flush=True)


def teller(*, quiet: bool) -> Callable[[str], None]:
    """What says lines, or nothing."""
    return (lambda line: None) if quiet else say


def show(*tables: "Table") -> None:
    """Print tables, each below an empty line."""
    from rich.console import Console

    console = Console(width=None if sys.stdout.isatty() else _WIDE)
    for table in tables:
        console.print()
        console.print(table)
