"""Which characters an entry may hold: what is read must be what is there."""

import unicodedata
from itertools import chain

MANY_MARKS = 3
"""Marks over one letter; more are a tower that covers the lines around it."""
_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp"})
"""Control, invisible and direction, private, unassigned, half of a pair, line and paragraph separators."""
_SELECTORS = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0), range(0x180B, 0x180E), range(0x180F, 0x1810))
"""Marks that choose between shapes: any text can be hidden in a row of them."""
_BLANKS = frozenset(
    "\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5\U0001d159"
    + "".join(map(chr, chain.from_iterable(_SELECTORS)))
)
"""Letters and marks that show nothing."""


def is_hidden(letter: str) -> bool:
    """Whether a character shows nothing, or moves others."""
    return unicodedata.category(letter) in _HIDDEN_CATEGORIES or letter in _BLANKS


def is_mark(letter: str) -> bool:
    """Whether a character is drawn over the one before."""
    return unicodedata.category(letter) in ("Mn", "Me") or unicodedata.combining(letter) != 0
