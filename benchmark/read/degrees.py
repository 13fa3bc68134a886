"""How strongly a clause says something, as the level from 1 to 10 that App. C asks a judge for."""

import re

DEGREES: tuple[tuple[int, tuple[str, ...]], ...] = (
    (1, ("barely", "hardly", "faintly", "minimally", "negligibly")),
    (2, ("slightly", "slight", "subtly", "subtle", "a little", "a bit", "a touch", "a hint", "marginally")),
    (4, ("somewhat", "mildly", "mild", "fairly", "rather", "lightly")),
    (5, ("moderately", "moderate")),
    (7, ("quite", "clearly", "noticeably", "visibly", "notably", "considerably")),
    (8, ("very", "strongly", "strong", "highly", "significantly", "much", "heavily", "markedly")),
    (10, ("extremely", "extreme", "completely", "entirely", "intensely", "maximally", "fully", "totally")),
)
"""Levels and the words that stand for them."""
PLAIN = 6
"""The level of a clause without degree: between "moderately" and "quite"."""

_OF_TEN = re.compile(r"(?<![\d.])(10|[0-9])(?:\.\d+)?\s*(?:/|out of|of)\s*10\b", re.IGNORECASE)
_SCORED = re.compile(r"(?:score|level|strength|intensity|rating)\D{0,12}?(10|[1-9])(?![\d%])", re.IGNORECASE)
_PERCENT = re.compile(r"(\d{1,3}(?:\.\d+)?)\s*(?:%|percent)", re.IGNORECASE)
_BARE = re.compile(r"[:=]\s*(10|[1-9])(?![\d.%])")
_WORDS = tuple((level, re.compile(rf"\b(?:{'|'.join(words)})\b", re.IGNORECASE)) for level, words in DEGREES)
_BOUNDARY = re.compile(r"[;,\n!?]|\.(?!\d)|\b(?:and|but|while|whereas|however|although)\b", re.IGNORECASE)


def clauses(text: str) -> tuple[str, ...]:
    """The parts of a text that each say one thing: cut at punctuation and conjunctions, not inside a number.

    >>> clauses("Very vivid and slightly grainy, 2.5 times darker.")
    ('Very vivid', 'slightly grainy', '2.5 times darker')
    """
    return tuple(part.strip() for part in _BOUNDARY.split(text) if part.strip())


def degree(clause: str) -> int:
    """The level from 0 to 10 that a clause states in digits, else by its strongest word of degree.

    >>> degree("vivid: 7/10"), degree("slightly grainy"), degree("sepia")
    (7, 2, 6)
    """
    for pattern in (_OF_TEN, _SCORED, _BARE):
        if found := pattern.search(clause):
            return int(found[1])
    if found := _PERCENT.search(clause):
        return min(10, round(float(found[1]) / 10))
    return max((level for level, words in _WORDS if words.search(clause)), default=PLAIN)
