"""Paths that people give and the system refuses to look at. This file needs no package."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from finexl.errors import InvalidInputError

_REFUSED = (errno.EACCES, errno.EPERM, errno.ELOOP, errno.ENAMETOOLONG)
_SHOWN = 200
"""Letters of a path that are shown; what is too long for the system is so for people."""


@contextmanager
def plain_paths() -> Iterator[None]:
    """Within the block, or the function, a refused path is told as what people can mend.

    `Path.is_file` and its kin answer for what is not there, and raise for closed folders and names that are too long.

    Raises:
        InvalidInputError: The system refuses a path.
    """
    try:
        yield
    except OSError as reason:
        if reason.errno not in _REFUSED or reason.filename is None:
            raise
        shown = f"{reason.filename!r}"
        raise InvalidInputError(
            "A path must be one that this program may use. "
            f"{shown if len(shown) <= _SHOWN else f'{shown[:_SHOWN]}...'} is not: {reason.strerror}. "
            "Give it a shorter name or the right to be used, or give another."
        ) from reason
