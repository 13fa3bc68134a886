"""One form for texts of any shape, without the marks of Markdown, JSON and typesetters.

What models draw (stars, dots, bars, crosses) and how others write numbers (7,5, 8 von 10, 8½) become words and numbers
that the grammar knows.
"""

import re

from benchmark.read.degrees import LEVELS, NUMBER
from finexl.replies import visible_text

_FILLED, _EMPTY = "★⭐✭●⬤■█▓🟩🟦🟥🟨🟧🟪", "☆✩✰○◯□░⬜⬛▢"
_DRAWN = re.compile(rf"[{_FILLED}]{{2,}}[{_EMPTY}]*|[{_FILLED}][{_EMPTY}]+|(?<=\S )[★⭐✭](?!\w)")
"""A degree in stars, dots or squares; one alone at the beginning of a line is a bullet."""
_DIGITS = {
    name: str(digit)
    for digit, name in enumerate(
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
    )
}
_SPELT = re.compile(rf"\b({'|'.join(_DIGITS)})\s+out\s+of\s+(ten|five|10|5)\b", re.IGNORECASE)
_SPELT_ALONE = re.compile(
    rf"([:=(]\s*)({'|'.join(_DIGITS)})(?=\s*(?:$|[).,;]))", re.IGNORECASE | re.MULTILINE
)
_DECIMAL_COMMA = re.compile(r"(?<![\d.,\[])(\d{1,2}),(\d{1,2})(?![\d,]|\.\d)")
_TYPESET = str.maketrans('“”‘’`´*~≈"', "  ''      ")
_REWORDED = (
    (re.compile(r"\bas well as\b|\b(?:along|together) with\b", re.IGNORECASE), "and"),
    (re.compile(r"\b(?:in|by) contrast\b", re.IGNORECASE), "compared"),
    (re.compile(r"\bn/a\b", re.IGNORECASE), "none"),
    (re.compile("↑"), " increased "),
    (re.compile("↓"), " decreased "),
    (
        re.compile(
            rf"\b(?:twice|thrice|(?:\w+|{NUMBER})\s+times|{NUMBER}\s*[x×])\s+as\s+(?=\w+\s+as\b)",
            re.IGNORECASE,
        ),
        "more ",
    ),
    (re.compile(r"\bhalf\s+as\s+(?=\w+\s+as\b)", re.IGNORECASE), "less "),
    (re.compile(rf"\bbetween\s+({NUMBER})(?:\s*/\s*10)?\s+and\s+(?={NUMBER})", re.IGNORECASE), r"\1-"),
    (re.compile(r"(?<=[a-z])-free\b", re.IGNORECASE), " absent"),
    (re.compile(r"\?\s*(?:a(?:nswer)?:\s*)?(yes|no)\b(?!\s+\w)", re.IGNORECASE), r": \1"),
    (re.compile(r"(?<=\d)\s*(?:分|点|점|Punkt(?:en?)?\b|puntos\b|punti\b)"), " points"),
    (re.compile(r"(?<=\d)\s+(?:points\s+)?(?:von|sur|de|su|van|av|из)\s+(?=(?:10|5|100)\b)"), "/"),
    (re.compile(r"\bleft (?=(?:image|picture|photo|one)s?\b)", re.IGNORECASE), "first "),
    (re.compile(r"\bright (?=(?:image|picture|photo|one)s?\b)", re.IGNORECASE), "second "),
)
"""What means the same in words that the grammar knows."""
_CROSSES = re.compile("[❌✗✘🚫]")
_ARROWS = str.maketrans({"⬆": "↑", "📈": "↑", "⬇": "↓", "📉": "↓"})
_LEVEL = "|".join(sorted(LEVELS, key=len, reverse=True))
_CHANGES = re.compile(
    rf"\bfrom\s+({_LEVEL})\s+to\s+({_LEVEL})\b|\b({_LEVEL})\s*(?:->|=>|→)\s*({_LEVEL})\b", re.IGNORECASE
)
_NUMBERED = re.compile(r"\b((?i:image|picture|photo|set|group))\s*#?([12AB])\b(?![./]\d)")
_THIRD = re.compile(r"\b(?i:image|picture|photo|set|group)\s*#?(?:[3-9C]|\d\d)\b")
_ABBREVIATED = re.compile(r"\b(vs|e\.g|i\.e|etc|approx|ca|incl|no(?=\.\s*\d))\.", re.IGNORECASE)


def one_form(text: str) -> str:
    """A text in words, numbers and plain marks, a line for each item.

    >>> one_form("Vivid: ●●●●○").split(), one_form("*vivid* – 7,5/10").split()
    (['Vivid:', '4/5'], ['vivid', '-', '7.5/10'])
    """
    drawn = _DRAWN.sub(_counted, _CROSSES.sub(" no ", text.replace("½", ".5").translate(_ARROWS)))
    plain = re.sub(r"^(\s*)\*\s+", r"\1- ", visible_text(drawn), flags=re.MULTILINE)
    plain = re.sub(r"(?<=\d)\s*[–—−‒]\s*(?=\d)", "-", plain)
    plain = re.sub(r"\s?[–—‒]\s?", " - ", plain.replace("−", "-").translate(_TYPESET))
    plain = re.sub(r"(?<!\w)'|'(?!\w)", " ", plain.replace("_", " "))
    plain = _DECIMAL_COMMA.sub(r"\1.\2", plain)
    plain = re.sub(r"[{}\[\]]", "\n", re.sub(r"\[[ x]?\]", " ", plain))
    for pattern, words in _REWORDED:
        plain = pattern.sub(words, plain)
    plain = _SPELT.sub(
        lambda spelt: f"{_DIGITS[spelt[1].lower()]}/{'5' if spelt[2].lower() in ('five', '5') else '10'}",
        plain,
    )
    plain = _SPELT_ALONE.sub(lambda spelt: spelt[1] + _DIGITS[spelt[2].lower()], plain)
    plain = _CHANGES.sub(_change, plain)
    return _ABBREVIATED.sub(lambda short: short[1].replace(".", ""), _with_ordinals(plain))


def _counted(drawn: re.Match[str]) -> str:
    n_empty = sum(mark in _EMPTY for mark in drawn[0])
    return f" {len(drawn[0]) - n_empty}/{max(5, len(drawn[0]))} "


def _change(told: re.Match[str]) -> str:
    """From one word of degree to another, in numbers."""
    old, new = (LEVELS[" ".join(words.lower().split())] for words in told.groups() if words is not None)
    return f"from {old:g} to {new:g}"


def _with_ordinals(text: str) -> str:
    """A text that numbers two images and no third, with the words for them: the first is the base's."""
    numbers = {number for _, number in _NUMBERED.findall(text)}
    if (not numbers >= {"1", "2"} and not numbers >= {"A", "B"}) or _THIRD.search(text):
        return text
    return _NUMBERED.sub(lambda image: f"{'first' if image[2] in '1A' else 'second'} {image[1]}", text)
