"""Text of people's files, in whichever Unicode encoding their program wrote it. This file does not need torch."""

import codecs
import re

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before that of UTF-16, with which it begins
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


_LINE_END = re.compile(r"\r\n|\r|\n")


def decoded(content: bytes) -> str:
    """Text in UTF-8, or in UTF-16 or UTF-32 where it begins with that one's mark.

    Raises:
        UnicodeError: It is in another encoding, which nothing in it tells.
    """
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), "utf-8")
    text = content.decode(encoding)
    if "\0" in text:
        raise UnicodeError("it holds zero bytes, as UTF-16 without its mark does")
    return text


def lines_of(text: str) -> list[str]:
    r"""The lines of a text; the other separators of Unicode, at which `splitlines` cuts too, stand within lines.

    >>> lines_of("a\u2028boat\r\na car")
    ['a\u2028boat', 'a car']
    """
    return _LINE_END.split(text)
