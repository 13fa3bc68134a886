"""A reply as a reader sees it: without the signs of HTML, Markdown's links, TeX and what has no shape."""

import html
import re
import unicodedata

from finexl.replies.thoughts import without_fences

_TEX_WORDS = re.compile(r"\\(?:text(?:bf|it|rm|sc|tt)?|emph|math(?:bf|rm)|boxed|underline)\{([^{}]*)\}")
_TEX_LINES = re.compile(r"\\(?:begin|end)\{[a-z]+\*?\}|\\item\b|\\\\(?=\s)")
_ESCAPED = re.compile(r"\\(?=[*_\-#>])")
_CIRCLED = re.compile(r"\r\n?|[\x85\u2028\u2029]|[\u2460-\u2473]")
"""Ends of lines, and the circled numbers that stand for them."""
_PICTURE = re.compile(r"!\[[^\]\n]*\]\([^)\n]*\)")
_LINK = re.compile(r"\[([^\]\n]{1,80})\]\((?:https?:|#|/|mailto:)[^)\s]*\)")
_SOURCE = re.compile(
    r"(?<=\w)\s?\[\d{1,3}\](?=\s*(?:[,;.]|$))|【[^】\n]{0,60}】|(?<=\w)[¹²³⁰-⁹]+", re.MULTILINE
)
"""Numbers of sources and footnotes."""
_HIDDEN = re.compile(
    r"<(script|style|head|title|form|button|nav|footer)\b.*?(?:</\1\s*>|\Z)|<\?xml[^>]*>",
    re.DOTALL | re.IGNORECASE,
)
"""What a page holds beside its text."""
_HEADER_END = re.compile(r"</th>\s*</tr>", re.IGNORECASE)
_CELL_END = re.compile(r"</t[dh]>\s*<t[dh]\b[^>]*>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-z!][^<>]{0,500}>", re.IGNORECASE)
_ADDRESS = re.compile(r"\bhttps?://\S+")
_MISREAD_MARK = "ï»¿"
"""The mark of UTF-8 read as Latin-1."""
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn"}
_MOST_ESCAPES = 3
_GAP = re.compile(r"\n(?:[ \t]*\n){3,}")


def visible_text(text: str) -> str:
    """A reply without reasoning, fences, HTML, addresses, pictures, zero-width and control characters."""
    lines = _CIRCLED.sub("\n", without_fences(text).removeprefix(_MISREAD_MARK))
    plain = _ESCAPED.sub("", _TEX_LINES.sub("\n", _TEX_WORDS.sub(r"\1", lines)))
    told = _SOURCE.sub("", _LINK.sub(r"\1", _PICTURE.sub(" ", plain)))
    rows = _CELL_END.sub(" | ", _HEADER_END.sub("\n--- | ---\n", _HIDDEN.sub("\n", told)))
    words = _TAG.sub("\n", rows)
    for _ in range(_MOST_ESCAPES):
        words = html.unescape(words)
    normal = unicodedata.normalize("NFKC", _ADDRESS.sub(" ", words))
    kept = (c for c in normal if c in "\n\t" or unicodedata.category(c) not in _UNSEEN)
    shown = "".join(" " if unicodedata.category(c) == "So" or c == "\ufe0f" else c for c in kept)
    return _GAP.sub("\n\n\n", shown)
