"""Words from strangers' files, shown so that they can do nothing: no control of a terminal, no turned reading order."""

import unicodedata

LONGEST = 200
"""Characters of one value that are shown."""

_SEEN_AS_CODES = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Kinds of characters that move, hide or break what stands around them."""


def harmless(text: str, *, longest: int = LONGEST) -> str:
    r"""The text on one line, unseen characters as their codes, cut where it is long; what is cut is counted.

    >>> print(harmless("sks\u202e gpj\x1b[2J"))
    sks\u202e gpj\x1b[2J
    >>> harmless("a" * 9, longest=4)
    'aaaa… (9 characters)'
    """
    shown = "".join(_seen(letter) for letter in text[:longest])
    return shown if len(text) <= longest else f"{shown}… ({len(text):,} characters)"


def _seen(letter: str) -> str:
    if unicodedata.category(letter) not in _SEEN_AS_CODES:
        return letter
    return letter.encode("unicode_escape").decode("ascii")
