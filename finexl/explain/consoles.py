"""Output that ends well on any console: signs that it cannot show become plain ones, and `| head` is no fault."""

import codecs
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

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


@contextmanager
def forgiving() -> Iterator[None]:
    """Within the block nothing that is printed fails for want of a sign or of a reader."""
    codecs.register_error(_HANDLER, _plainly)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_HANDLER)
    try:
        try:
            yield
        finally:  # also what `--help` printed before it ends the program
            sys.stdout.flush()
    except BrokenPipeError:
        # whoever reads has had enough; what is left in the buffer must not fail once more at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _plainly(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lost = error.object[error.start : error.end]
    return "".join(_PLAIN.get(letter, "?") for letter in lost), error.end
