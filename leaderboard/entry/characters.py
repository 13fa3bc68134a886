"""Which characters texts of strangers may hold: what is read must be what is there."""

import unicodedata
from collections.abc import Iterator

from benchmark.bundle.characters import MANY_MARKS, is_hidden, is_mark

_ALPHABETS = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC")
"""Alphabets whose letters are drawn alike."""
_TWINS = str.maketrans({"0": "o", "1": "l", "i": "l", "5": "s", "-": "_", ".": "_"})


def fault(text: str, *, lines: bool = False) -> str | None:
    """What is wrong with the characters of a text, None if nothing is; `lines` admits line breaks and tabs.

    >>> fault("vivid \\u202e dlo")
    'U+202E RIGHT-TO-LEFT OVERRIDE'
    """
    letters = {*text} - ({"\n", "\t"} if lines else set())
    # of each letter once: few are different, of millions in the text
    hidden, drawn_over = {*filter(is_hidden, letters)}, {*filter(is_mark, letters)}
    if hidden or drawn_over:
        marks = 0
        for letter in text:
            marks = marks + 1 if letter in drawn_over else 0
            if letter in hidden or marks > MANY_MARKS:
                return f"U+{ord(letter):04X} {unicodedata.name(letter, 'control or unassigned character')}"
    if not unicodedata.is_normalized("NFC", text):
        return "letters taken apart (not in the normal form NFC)"
    return None


def mixed_words(text: str) -> Iterator[str]:
    """Words whose letters come from several alphabets that are drawn alike, as a Latin name with a Cyrillic a, or are
    drawn in another style, as bold or wide ones of mathematics: a name is searched for in plain letters.
    """
    for word in text.split():
        if unicodedata.normalize("NFKC", word) != word:
            yield word
            continue
        found = {_alphabet(letter) for letter in word if letter.isalpha()} - {None}
        if len(found) > 1:
            yield word


def skeleton(name: str) -> str:
    """A name as the eye takes it: names of one skeleton look alike.

    >>> skeleton("finex1") == skeleton("FineXL"), skeleton("vis-diff") == skeleton("vis_diff")
    (True, True)
    """
    return (
        name.casefold()
        .translate(_TWINS)
        .replace("rn", "m")
        .replace("vv", "w")
        .replace("cl", "d")
        .replace("_", "")
    )


def _alphabet(letter: str) -> str | None:
    name = unicodedata.name(letter, "")
    return next((alphabet for alphabet in _ALPHABETS if name.startswith(alphabet)), None)
