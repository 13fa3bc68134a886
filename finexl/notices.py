"""What was left out, cut, converted or fallen back on: told to whoever asked for it, and never silent.

Code deep inside a corpus or a client has no results to write to. It calls `notice`; whoever does the work collects
what is told meanwhile, as `warnings.catch_warnings` does, and puts it where results are. Where nobody collects, the
notice goes to the log.
"""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

MAX_EXAMPLES = 3
"""Examples that a notice keeps."""
LONGEST = 1000
"""Characters of a notice that are shown; `finexl.explain.harmless` makes one line of it, since it quotes names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One way in which results are not of all that was given, or not as it was given."""

    what: str
    """What it happened to, such as "corpus paintings"."""
    how: str
    """What happened, such as "left out: it is not a file"."""
    n: int = 1
    """How often, or how many."""
    examples: tuple[str, ...] = ()
    """The first few, by name."""

    @property
    def line(self) -> str:
        """The notice for a terminal."""
        shown = f" ({', '.join(self.examples)}{', ...' if self.n > len(self.examples) else ''})"
        return f"{self.what}: {f'{self.n} ' if self.n > 1 else ''}{self.how}{shown if self.examples else ''}"


_collecting: ContextVar[dict[tuple[str, str], Notice] | None] = ContextVar("collecting", default=None)


def notice(told: Notice, *, is_logged: bool = False) -> None:
    """Tell whoever collects; the log where nobody does, unless it knows already."""
    collecting = _collecting.get()
    if collecting is None:
        if is_logged:
            return
        logging.getLogger(__name__).warning(told.line)
    else:
        _add(told, collecting)


@contextmanager
def collected() -> Iterator[dict[tuple[str, str], Notice]]:
    """Collect what is told inside; whoever collects outside hears of it too.

    >>> with collected() as told:
    ...     notice(Notice(what="corpus", how="images left out", n=2))
    >>> [one.line for one in told.values()]
    ['corpus: 2 images left out']
    """
    found: dict[tuple[str, str], Notice] = {}
    token = _collecting.set(found)
    try:
        yield found
    finally:
        _collecting.reset(token)
        if _collecting.get() is not None:
            for one in found.values():
                notice(one)


def united(notices: Iterable[Notice]) -> tuple[Notice, ...]:
    """Each notice once, with its largest count, in a fixed order."""
    found: dict[tuple[str, str], Notice] = {}
    for one in notices:
        _add(one, found)
    return tuple(found[key] for key in sorted(found))


def _add(told: Notice, found: dict[tuple[str, str], Notice]) -> None:
    """Keep a notice; what is told twice is the same fact, and the larger count has the smaller in it."""
    earlier = found.get((told.what, told.how))
    if earlier is None or told.n > earlier.n:
        found[told.what, told.how] = told
