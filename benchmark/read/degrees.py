"""How much a text says of something, from 0 to 10, as App. C asks a judge for: words of degree and numbers.

Three rules decide between several words. The smaller wins over the larger ("slight, though very visible" is slight), a
strong word before a weak one makes it weaker still ("very slightly" is half of "slightly"), and of a range ("slightly
to moderately") it is the middle. A degree that is compared
("more pronounced", "less strong") says which way something goes and not how far.
"""

import re
from collections.abc import Mapping, Sequence

TOP = 10.0
"""As strong as can be."""
PLAIN = 6.0
"""The degree of what is said without any: between "moderately" and "quite"."""
DEGREES: tuple[tuple[float, str], ...] = (
    (1, "barely, hardly, scarcely, faintly, faint, minimally, minimal, negligibly, negligible, ever so slightly"),
    (1, "imperceptibly, little to no"),
    (2, "slightly, slight, subtly, subtle, a little, a bit, a touch, a hint, a trace, a tad, marginally, marginal"),
    (2, "low, weakly, weak, minor, small"),
    (4, "somewhat, mildly, mild, fairly, rather, lightly, modestly, modest, relatively, partly, partially"),
    (4, "to some extent, to some degree"),
    (5, "moderately, moderate, medium"),
    (7, "quite, clearly, noticeably, noticeable, visibly, visible, notably, notable, considerably, considerable"),
    (7, "distinctly, distinct"),
    (8, "very, strongly, strong, highly, high, significantly, significant, much, heavily, heavy, markedly, marked"),
    (8, "pronounced, greatly, prominently, prominent, substantially, substantial, deeply, really, far more, far less"),
    (8, "a lot, lots, overly, super, strikingly, striking"),
    (10, "extremely, extreme, completely, complete, entirely, intensely, intense, maximally, maximum, fully, totally"),
    (10, "hugely, huge, enormously, enormous, tremendously, immensely, vastly"),
    (10, "dramatically, dramatic, drastically, drastic, exceptionally, incredibly, severely, severe, overwhelmingly"),
)  # fmt: skip
"""Degrees and the words that stand for them."""
LABELS = frozenset([
    "score", "scores", "scored", "level", "strength", "intensity", "rating", "rated", "rate", "degree", "magnitude",
    "value", "grade", "amount", "points",
])  # fmt: skip
"""Words that a number follows when it is a degree."""

NUMBER = r"(?:\d+(?:\.\d+)?|\.\d+)"
_WHOLES = r"(?:100|10|5|4|1)(?:\.0)?"
_COUNTED = "images|pictures|photos|pairs|prompts|cases|samples|examples|scenes|times"
_SHARE_OF_IMAGES = rf"(?!\s*(?:of\s+)?(?:the\s+|all\s+)*(?:{_COUNTED})\b)"
"""In how many images something shows is no degree."""
RATING = re.compile(
    rf"from\s+(?P<old>{NUMBER})(?:\s*/\s*10)?\s+to\s+(?P<new>{NUMBER})(?:\s*/\s*10)?\b"
    rf"|(?P<before>{NUMBER})(?:\s*/\s*10)?\s*(?:->|=>|→)\s*(?P<after>{NUMBER})(?:\s*/\s*10)?"
    rf"|(?P<part>-?{NUMBER})(?:\s*(?:-|to)\s*(?P<part_to>{NUMBER}))?\s*(?:/|out\s+of\s+(?:a\s+)?|of\s+)\s*"
    rf"(?P<whole>{_WHOLES})(?![\d/%]|\.\d){_SHARE_OF_IMAGES}"
    rf"|(?P<percent>-?{NUMBER})(?:\s*%?\s*(?:-|to)\s*(?P<percent_to>{NUMBER}))?\s*(?:%|per\s?cent\b){_SHARE_OF_IMAGES}"
    rf"|(?P<stars>{NUMBER})[\s-]*stars?\b",
    re.IGNORECASE,
)
"""Numbers that are degrees wherever they stand: of ten, of five, percent, stars, and changes from one to another."""
_SCALES = (
    re.compile(rf"\bscale\b[^.\n]{{0,30}}?{NUMBER}\s*(?:-|to|\.\.+|and)\s*({NUMBER})", re.IGNORECASE),
    re.compile(rf"\b{NUMBER}\s*(?:-|to)\s*({NUMBER})\s+scale\b", re.IGNORECASE),
    re.compile(rf"\bscale\s+of\s+({NUMBER})\b|\b({NUMBER})[\s-]points?\s+scale\b", re.IGNORECASE),
    re.compile(rf"\b(?:scores?|ratings?|values?|strengths?|intensit(?:y|ies))\b[^.\n]{{0,30}}?\b(?:0|1|zero|one)"
               rf"\s*(?:-|to|and)\s*({NUMBER}|one|ten)\b", re.IGNORECASE),
    # behind a name, as in "vividness (1-10): 8"
    re.compile(rf"\(\s*[01]\s*(?:-|to)\s*({_WHOLES})\s*\)", re.IGNORECASE),
    re.compile(rf"\(?\b[01]\s*=[^.,;=()\n]+[,;]\s*({_WHOLES})\s*=[^.,;=()\n]+\)?", re.IGNORECASE),
    re.compile(rf"\bfrom\s+[01]\s*\([^()\n]+\)\s*to\s+({_WHOLES})\s*\([^()\n]+\)", re.IGNORECASE),
)  # fmt: skip
_TOPS = {"1": 1.0, "5": 5.0, "4": 4.0, "7": 7.0, "10": 10.0, "100": 100.0, "one": 1.0, "ten": 10.0}

_PHRASES: Mapping[tuple[str, ...], float] = {
    tuple(phrase.split()): float(level) for level, words in DEGREES for phrase in words.split(", ")
}
LEVELS = {" ".join(phrase): level for phrase, level in _PHRASES.items()} | {"none": 0.0, "zero": 0.0}
"""Degrees that a change may go from or to, by their words."""
_LONGEST = max(map(len, _PHRASES))
_COMPARED = {"more", "less", "most", "least"}


def degree(words: Sequence[str]) -> float | None:
    """The degree that some words state, None where they state none.

    >>> degree(["slightly"]), degree(["very", "slightly"]), degree(["grainy"])
    (2.0, 1.0, None)
    """
    found: list[tuple[int, int, float]] = []
    place = 0
    while place < len(words):
        length, level = _phrase_at(words, place)
        if level is not None and not (place and words[place - 1] in _COMPARED):
            if found and found[-1][1] == place - 1 and words[place - 1] == "to":
                start, _, low = found.pop()
                found.append((start, place + length, (low + level) / 2))
            else:
                found.append((place, place + length, level))
        place += length
    weak = [at for at in range(len(found)) if found[at][2] < PLAIN]
    if not weak:
        return max((level for *_, level in found), default=None)
    at = min(weak, key=lambda each: found[each][2])
    is_weakened = at > 0 and found[at - 1][1] == found[at][0] and found[at - 1][2] > PLAIN
    return found[at][2] / 2 if is_weakened else found[at][2]


def is_of_degree(words: Sequence[str], place: int) -> int:
    """How many words of a phrase of degree begin at a place; 0 if none does."""
    length, level = _phrase_at(words, place)
    return length if level is not None else 0


def scale_of(text: str) -> tuple[float, str]:
    """10 divided by the top of the scale that a text states, and the text without that statement.

    A text that states no scale counts from 0 to 10.

    >>> scale_of("On a scale from 0 to 1: vivid 0.73"), scale_of("vivid: 7")
    ((10.0, 'On a  : vivid 0.73'), (1.0, 'vivid: 7'))
    """
    for pattern in _SCALES:
        if found := pattern.search(text):
            top = _TOPS.get(next(filter(None, found.groups())).removesuffix(".0").lower(), TOP)
            return TOP / top, pattern.sub(" ", text)
    return 1.0, text


def rated(found: re.Match[str]) -> float:
    """What a match of `RATING` says, from -10 to 10."""
    given = {name: float(text) for name, text in found.groupdict().items() if text is not None}
    if "new" in given or "after" in given:
        return bounded(given.get("new", given.get("after", 0)) - given.get("old", given.get("before", 0)))
    if "whole" in given:
        return bounded(TOP * _middle(given, "part") / given["whole"])
    if "percent" in given:
        return bounded(_middle(given, "percent") / 10)
    return bounded(2 * given["stars"])


def bounded(level: float) -> float:
    """A degree no further from 0 than 10, without the noise of division."""
    return round(max(-TOP, min(TOP, level)), 6)


def _middle(given: Mapping[str, float], name: str) -> float:
    return (given[name] + given.get(f"{name}_to", given[name])) / 2


def _phrase_at(words: Sequence[str], place: int) -> tuple[int, float | None]:
    """The longest phrase of degree at a place; one word without degree where there is none."""
    if tuple(words[place : place + 2]) == ("rather", "than"):
        return 2, None
    for length in range(min(_LONGEST, len(words) - place), 0, -1):
        if (level := _PHRASES.get(tuple(words[place : place + length]))) is not None:
            return length, level
    return 1, None
