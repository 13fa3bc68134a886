"""Messages that name a field of some settings are made to name its whole key, which is what people type."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from finexl.errors import InvalidInputError


@contextmanager
def under(prefix: str, names: Iterable[str]) -> Iterator[None]:
    """Errors in here that name one of `names` name it under `prefix`: `folder` becomes `corpus.folder`.

    Raises:
        InvalidInputError: One that was raised in here, of its own class, with full keys.
    """
    try:
        yield
    except InvalidInputError as error:
        raise type(error)(full_keys(str(error), prefix, names)) from error


def full_keys(message: str, prefix: str, names: Iterable[str]) -> str:
    """A message with the fields that it names, as `field`, field= or field.role=, under `prefix`.

    >>> full_keys("`size` must be given. Did you mean size=3?", "corpus", ["size"])
    '`corpus.size` must be given. Did you mean corpus.size=3?'
    >>> full_keys("Did you mean columns.image=file?", "corpus", ["columns"])
    'Did you mean corpus.columns.image=file?'
    """
    if not prefix:
        return message
    either = "|".join(map(re.escape, names))
    return re.sub(
        rf"`({either})(?=[`.])|(?<![\w.`])({either})(?=(?:\.\w+)*=)",
        lambda found: _under(prefix, found),
        message,
    )


def _under(prefix: str, found: re.Match[str]) -> str:
    return f"`{prefix}.{found[1]}" if found[1] else f"{prefix}.{found[2]}"
