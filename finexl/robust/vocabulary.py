"""The words that a change may be called by: what a vision-language model proposes, and a dictionary of looks."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

LOOK_WORDS = Path(__file__).with_name("look_words.txt")


@cache
def look_words() -> tuple[str, ...]:
    """The shipped words for how pictures look, each once; lines that begin with # say where they came from."""
    lines = LOOK_WORDS.read_text(encoding="utf-8").splitlines()
    told = [line for line in lines if line and not line.startswith("#")]
    return tuple(dict.fromkeys(word.strip() for line in told for word in line.split(",") if word.strip()))


def united(*lists: Sequence[str]) -> tuple[str, ...]:
    """Every word once in alphabetical order, so that nothing depends on who named it first."""
    return tuple(sorted({word for words in lists for word in words}))
