"""Output that ends well on any console: signs that it cannot show become plain ones, and `| head` is no fault.

How a command ends is said here for all programs, as exit codes.
"""

import codecs
import errno
import gc
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

OK, FAILED, USAGE, UNSOUND, INTERRUPTED = 0, 1, 2, 3, 130
"""Done; something is missing or broken; not understood, as of argparse; done, and something is wrong; interrupted."""
_PLAIN = {
    "↑": "^",
    "↓": "v",
    "→": "->",
    "–": "-",
    "—": "-",
    "−": "-",
    "─": "-",
    "━": "-",
    "│": "|",
    "█": "#",
    "…": "...",
    "τ": "tau",
    "×": "x",
    "²": "2",
    "≤": "<=",
    "≥": ">=",
    "‘": "'",
    "’": "'",
    "“": '"',
    "”": '"',
}
_HANDLER = "benchmark.plain"
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


@contextmanager
def forgiving() -> Iterator[None]:
    """Within the block nothing that is printed fails for want of a sign or of a reader; for want of room it ends."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed, as by >&-; what is opened next must not take its place
            setattr(sys, name, io.TextIOWrapper(io.FileIO(os.devnull, "w"), encoding="utf-8"))
    codecs.register_error(_HANDLER, _plainly)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_HANDLER)
    try:
        try:
            yield
        finally:  # also what `--help` printed before it ends the program
            sys.stdout.flush()
    except BrokenPipeError:  # whoever reads has had enough
        _drop_printed()
    except OSError as error:
        if error.errno not in _NO_ROOM or error.filename is not None:  # of a file
            raise
        _drop_printed()
        print(
            f"What is printed must find room. It does not: {error.strerror}. Send it elsewhere, or make room.",
            file=sys.stderr,
        )
        sys.exit(FAILED)


def _drop_printed() -> None:
    """What is left in the buffer must not fail once more at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def leave(code: int) -> NoReturn:
    """End the program at once: Python would look through all that is in memory once more, seconds where torch is."""
    gc.freeze()
    sys.exit(code)


def _plainly(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lost = error.object[error.start : error.end]
    return "".join(_PLAIN.get(letter, "?") for letter in lost), error.end
