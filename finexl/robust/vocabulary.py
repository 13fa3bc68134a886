"""The words that a change may be called by: what a vision-language model proposes, and a dictionary of looks."""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from finexl.errors import InvalidInputError

LOOK_WORDS = Path(__file__).with_name("look_words.txt")


@cache
def look_words() -> tuple[str, ...]:
    """The shipped words for how pictures look, each once; lines that begin with # say where they came from."""
    lines = LOOK_WORDS.read_text(encoding="utf-8").splitlines()
    told = [line for line in lines if line and not line.startswith("#")]
    return tuple(
        dict.fromkeys(word.strip() for line in told for word in re.split("[,;]", line) if word.strip())
    )


def checked_words(name: str, words: object) -> None:
    """See that `words` are several texts, and not one text, whose letters would be words.

    Raises:
        InvalidInputError: They are not, or one of them is empty.
    """
    if not isinstance(words, Sequence) or isinstance(words, str):
        raise InvalidInputError(
            f"`{name}` must be a tuple or a list of words. Got {words!r}."
            + (f" Write ({words!r},) for a single one." if isinstance(words, str) else "")
        )
    for word in words:
        if not isinstance(word, str) or not word.strip():
            raise InvalidInputError(f"`{name}` must hold words alone, none of them empty. Got {word!r}.")


def united(*lists: Sequence[str]) -> tuple[str, ...]:
    """Every word once in alphabetical order, so that nothing depends on who named it first."""
    return tuple(sorted({word for words in lists for word in words}))
