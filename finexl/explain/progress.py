"""How far a command is, on the terminal's other stream, so that what it found can be kept in a file."""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

Advance = Callable[[int, int], None]
"""Is told how much of how much is done."""
Progress = Callable[[str], AbstractContextManager[Advance]]
"""Opens a stage of the work by its name."""
_PACE_S = 3600.0
"""Seconds over which the pace is taken: a step may take minutes."""


@contextmanager
def progress(stage: str, *, moves: bool = True) -> Iterator[Advance]:
    """A bar while the block runs; a line where there is no terminal.

    The time that is left is told once two steps were seen: the first has what is loaded in it, or was done before.
    One that does not move is drawn with every step alone, so that it takes no time from what is timed.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    console = Console(stderr=True)
    if not console.is_terminal:
        print(f"{stage} ...", file=sys.stderr, flush=True)
        yield lambda *_: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bars = Bars(*columns, console=console, transient=True, speed_estimate_period=_PACE_S, auto_refresh=moves)
    with bars as shown:
        task = shown.add_task(stage, total=None)
        yield lambda done, total: shown.update(task, completed=done, total=total, refresh=not moves)


@contextmanager
def no_progress(_: str) -> Iterator[Advance]:
    """Nothing is shown."""
    yield lambda *_: None
