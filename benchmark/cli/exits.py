"""How a command ends: exit codes, and which errors are the command line's own."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from finexl.errors import FinexlError
from finexl.explain.consoles import FAILED, INTERRUPTED, OK, UNSOUND, USAGE
from finexl.explain.folding import say
from finexl.paths import plain_paths

__all__ = ["FAILED", "INTERRUPTED", "OK", "UNSOUND", "USAGE", "UsageError", "complain", "refusals", "usage"]


class UsageError(FinexlError):
    """The command line is not one that this program understands."""


@contextmanager
def usage() -> Iterator[None]:
    """Errors in here are the command line's."""
    try:
        with plain_paths():
            yield
    except FinexlError as error:
        raise UsageError(str(error)) from error


def refusals(*checks: Callable[[], object]) -> list[str]:
    """What a dry run says of what would end a run at once; a plan is worth knowing all the same."""
    lines: list[str] = []
    for check in checks:
        try:
            check()
        except FinexlError as error:
            lines.append(f"a run would be refused: {error}")
    return lines


def complain(message: object, code: int) -> int:
    """Say what is wrong; the exit code is handed back."""
    say(message, file=sys.stderr)
    return code
