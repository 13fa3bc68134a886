"""Strangers' words, made harmless for where they are shown: names and captions come from models and from files.

This file does not need torch.
"""

import html
import json
import re
import unicodedata

LONGEST = 160
"""Characters of one name or caption that are shown."""
_READ = 8
"""Times as many characters are looked at: white space shortens."""
_JOINERS = "\u200c\u200d"
"""Invisible, and needed to write Persian, Hindi and many emoji."""
_STYLES = "\ufe0e\ufe0f"
"""Say whether an emoji is drawn as text or as a picture; left out, both are the same emoji."""
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0d\uffa0"
    "\U00016fe4\U0001d159\U000e0000-\U000e0fff]"
)
"""Letters and marks that are drawn as nothing: Unicode's Default_Ignorable_Code_Point, and blanks."""
_MARKDOWN = re.compile(r"[\\`*_{}\[\]<>#|~&@$!]|:(?=//)|(?<=www)\.|^[-+=]", re.IGNORECASE)
"""Marks, and what makes links of bare addresses."""


def shown(text: str, *, longest: int = LONGEST) -> str:
    r"""One line in which nothing hides: control, format and direction characters are written as their numbers.

    >>> shown("red\nline \u202egnp.exe")
    'red line \\u202egnp.exe'
    """
    looked_at = text[: _READ * longest]  # a stranger's text may have megabytes
    line = " ".join("".join(" " if char.isspace() else _visible(char) for char in looked_at).split())
    is_whole = len(line) <= longest and len(looked_at) == len(text)
    return line if is_whole else f"{line[: longest - 1]}…"


def in_html(text: str, *, longest: int = LONGEST) -> str:
    """The text in HTML, in elements and in quoted attributes alike."""
    return html.escape(shown(text, longest=longest), quote=True)


def in_markdown(text: str, *, longest: int = LONGEST) -> str:
    r"""The text inside a line of Markdown or a cell of a table: no mark-up, no link, no HTML.

    >>> in_markdown("*vivid* | <b>")
    '\\*vivid\\* \\| \\<b\\>'
    """
    return _MARKDOWN.sub(r"\\\g<0>", shown(text, longest=longest))


def in_yaml(text: str, *, longest: int = LONGEST) -> str:
    r"""The text as a quoted scalar of YAML, which JSON's strings are.

    >>> in_yaml("no: - #")
    '"no: - #"'
    """
    return json.dumps(shown(text, longest=longest), ensure_ascii=False)  # YAML knows no pairs of surrogates


def _visible(char: str) -> str:
    if char in _STYLES:
        return ""
    hides = unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn") and char not in _JOINERS
    hides = hides or _UNSEEN.match(char) is not None
    return f"\\u{ord(char):04x}" if hides else char
