"""What commands print."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from finexl.explain.folding import room, say

if TYPE_CHECKING:
    from rich.table import Table

_WIDE = 110
"""Columns where there is no terminal."""


def teller(*, quiet: bool) -> Callable[[str], None]:
    """What says lines, or nothing."""
    return (lambda line: None) if quiet else say


def show(*tables: "Table") -> None:
    """Print tables, each below an empty line."""
    from rich.console import Console

    console = Console(width=room(otherwise=_WIDE))
    for table in tables:
        console.print()
        console.print(table)
