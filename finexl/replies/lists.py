"""The items of a reply that is a list, in whatever shape: JSON, lines with bullets, a table, columns with commas."""

import csv
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from finexl.replies.written_json import is_json, json_strings, mended

MAX_LETTERS = 40
MAX_WORDS = 4
"""Longer items are sentences, not concepts."""

_KIND = (
    r"(?:style |stylistic |visual )?(?:concept|aspect|style|difference|property|adjective|attribute|trait|term|word|"
    r"phrase|feature|keyword|descriptor|change|hypothesis|item|example|placeholder|name|label)s?"
)
"""What a list may call its items."""
_ORDINAL = r"(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|next|finally|lastly)"
_LABEL = re.compile(rf"(?:{_KIND}|no|nr|item)? ?[#№]?\d{{1,2}}|{_ORDINAL}(?: {_KIND})?|{_KIND}")
_NUMBERED = re.compile(rf"(?:{_KIND}) ?[#№]?\d{{1,2}}")
"""What stands in place of an item."""
_COLUMN = re.compile(rf"{_KIND}(?: names?)?")
_FURTHER_COLUMN = re.compile(
    r"(?:#|no|nr|rank|number|score|rating|strength|intensity|level|confidence|descriptions?|explanations?|reason(?:ing)?|"
    r"evidence|details?|notes?|comments?|why|examples?|example|effect|justification|image ?\d|base|tuned|"
    r"personali[sz]ed|first|second|first image|second image|base image|personali[sz]ed image)?\W*"
)
_SECOND_COLUMN = r"(?:second|personali[sz]ed|tuned|image ?(?:2|b))(?: images?)?"
_RULE = re.compile(r"\s*\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?\s*")
_PARENTHESES = re.compile(r"\([^()]*\)")
_BULLET = re.compile(
    r"^\s*(?:(?:[-*+•·‣▪◦–—>#→➤➜➔▸►▶✓✔✦★☆◆◇■□○●∙=~]|[-=]>)+\s+|[*•·‣▪◦→➤➜➔▸►✓✔✦★◆■○●∙]|"
    r"\(?(?:\d{1,3}|[a-z]|[ivx]{2,4})[.)](?=\s|\*|[a-z])|(?=\[))\s*"
    r"(?:\[(?:\d{1,3}|[ x])\]\s*)?",
    re.IGNORECASE,
)
_INLINE_NUMBER = re.compile(r"(?:(?<=[ \t])|(?<=,))\(?\d{1,2}[.)]\s+")
_SEPARATOR = re.compile(r"[,;|，、；،؛\n\t]|\s/\s|\s[+·•∙]\s|(?:^|\s)#(?=\w)")
_DOTTED = re.compile(r"(?:[^\s.]+(?: [^\s.]+)?\.\s+)+[^\s.]+(?: [^\s.]+)?\.?")
"""One or two words, a full stop, one or two words: a list for all its punctuation."""
_SPOKEN = re.compile(
    r"(?<=[!?])\s+|\.\s+(?=(?:hope|let|please|feel|this|these|the|i|overall|would|happy)\b)", re.I
)
"""Where a courtesy begins or ends beside an item."""
_DASH = re.compile(r"\s+[-–—]+\s+|[–—]")
QUOTES = " \t\"'“”‘’«»`*_~[]{}<>()"
_PREAMBLE = re.compile(
    r"^(?:here|sure|certainly|of course|okay|ok|answer|final answer|list|output|response|result|the|this|"
    r"these|differences?|concepts?|styles?|adjectives?|key|main|image|images|compared|in|based|assistant|"
    rf"(?:second|personali[sz]ed|tuned) images?|{_ORDINAL}$|absolutely|great)\b"
)
_OF_ONE_IMAGE = (
    r"[\s>*_#-]*(?:(?:the )?(?:(?:{by_role})(?: images?)?|{nth} images?)|images? ?(?:{by_place}))"
    r"\s*(?:\([^)]*\))?[*_]*\s*:"
)
_OF_FIRST = re.compile(
    _OF_ONE_IMAGE.format(by_role="base|original", nth="first", by_place="1|a|one"), re.IGNORECASE
)
_OF_SECOND = re.compile(
    _OF_ONE_IMAGE.format(by_role="personali[sz]ed|tuned", nth="second", by_place="2|b|two"), re.IGNORECASE
)
_ABOUT_THE_ANSWER = re.compile(
    r"^(?:[^\w\n]|_)*(?:(?:here(?: is|'s) )?(?:my )?(?:thinking|thoughts?(?: process)?|reasoning|rationale|explanation|"
    r"justification|evidence|observations?|analysis|step \d+)|note|overall|in summary|summary|why)[ *_`]*:[^\n]*$",
    re.IGNORECASE | re.MULTILINE,
)
"""Lines that say how the answer was found or is meant."""
_BOXES = re.compile(
    r"<(?P<name>answer|final_answer|final|solution|response|output|result)>(.*?)(?:</(?P=name)\s*>|\Z)",
    re.DOTALL | re.IGNORECASE,
)
_FINAL = re.compile(
    r"^[ \t>#*_`-]*(?:(?:so|and|thus|therefore|hence),? )?(?:my |the )?(?:final (?:answer|list|response|output|result)|"
    r"here(?: is|'s) my (?:response|answer))[ \t*_`]*(?: is)?(?::[*_ \t]*|[ \t]*\n)(?=\s*\S)",
    re.IGNORECASE | re.MULTILINE,
)
_PLAIN_LABEL = re.compile(
    r"^[ \t>#*_`-]*(?:my |the )?answer[ \t*_`]*(?:is)?(?::[*_ \t]*|[ \t]*\n)(?=\s*\S)",
    re.IGNORECASE | re.MULTILINE,
)


def answer_in(text: str) -> str:
    """The part of a reply that it calls its answer; all of it where it calls none so.

    >>> answer_in("It seems blue, dark.\\nFinal answer: vivid, grainy")
    'vivid, grainy'
    """
    if boxes := [found[2] for found in _BOXES.finditer(text)]:
        return "\n".join(boxes)
    if finals := [*_FINAL.finditer(text)]:
        return text[finals[-1].end() :]
    label = _PLAIN_LABEL.search(text)
    return text[label.end() :] if label else text


def items_of(text: str) -> Iterator[str]:
    """The candidate phrases of a visible text: from the JSON that it is or holds, else from its tables and lines."""
    strings = json_strings(text)
    if not strings and any(sign in text for sign in ("[", "{", "('", '("')):
        strings = json_strings(mended(text))
    if strings or is_json(text):
        for string in strings:
            yield from _SEPARATOR.split(string)
        return
    about_the_images = _ABOUT_THE_ANSWER.sub("", text)
    lines = _PARENTHESES.sub(" ", _INLINE_NUMBER.sub("\n- ", about_the_images)).splitlines()
    for line in _named_in_tables(_of_the_second(lines)):
        for part in _SPOKEN.split(_list_part(line)):
            for item in _SEPARATOR.split(part):
                for phrase in re.split(r"\.\s+", item) if _DOTTED.fullmatch(item.strip()) else [item]:
                    yield _head(phrase)


def is_placeholder(item: str) -> bool:
    """Whether an item in lower case stands where an item should be: "concept 2"."""
    return bool(_LABEL.fullmatch(item))


def _of_the_second(lines: Sequence[str]) -> list[str]:
    """Lines without what is said of the first images, where a reply speaks of both."""
    if not any(map(_OF_SECOND.match, lines)):
        return [*lines]
    kept, is_first = list[str](), False
    for line in lines:
        is_first = bool(_OF_FIRST.match(line)) or (is_first and not _OF_SECOND.match(line))
        if not is_first:
            kept.append(line)
    return kept


def _named_in_tables(lines: Sequence[str]) -> list[str]:
    """Lines with one cell in place of each row of a table, and without its header."""
    kept, columns = list[str](), None
    for line, below in zip(lines, [*lines[1:], ""][: len(lines)], strict=True):
        cells = _cells(line)
        if columns is not None and (len(cells) <= columns.name or not line.strip()):
            columns = None
        if columns is None:
            if (
                columns := _columns(cells, is_ruled="|" in line + below and bool(_RULE.fullmatch(below)))
            ) is None:
                kept.append(line)
        elif not _RULE.fullmatch(line):
            kept.append(columns.named(cells))
    return kept


class _Columns(NamedTuple):
    """Where a table names something."""

    name: int
    second: int | None
    """The column about the personalized images."""

    def named(self, cells: Sequence[str]) -> str:
        """What a row names: the trait of the personalized images, or the row's own name where they show it."""
        told = "" if self.second is None or self.second >= len(cells) else cells[self.second]
        if told.lower() in ("no", "none", "absent", "✗", "✘"):
            return ""
        is_trait = any(map(str.isalpha, told)) and told.lower() not in (
            "yes",
            "present",
            "true",
            "high",
            "strong",
        )
        return told if is_trait else cells[self.name]


def _columns(cells: Sequence[str], *, is_ruled: bool) -> _Columns | None:
    """Which columns a line heads; None for a line that is no header."""
    heads = [cell.strip(QUOTES).lower() for cell in cells]
    names = [place for place, head in enumerate(heads) if head and _COLUMN.fullmatch(head)]
    others = [place for place, head in enumerate(heads) if not _FURTHER_COLUMN.fullmatch(head)]
    if not is_ruled and not (names and len(cells) > 1 and {*others} <= {*names}):
        return None
    second = [place for place, head in enumerate(heads) if re.fullmatch(_SECOND_COLUMN, head)]
    return _Columns(name=(names or others or [0])[0], second=second[0] if second else None)


def _cells(line: str) -> list[str]:
    if "|" in line:
        return [cell.strip() for cell in line.strip().strip("|").split("|")]
    try:
        return next(csv.reader([line], skipinitialspace=True), [""])
    except csv.Error:
        return [line]


def _list_part(line: str) -> str:
    """A line without its bullet, its preamble ("Differences: ...") or its explanation ("- vivid: ...")."""
    content = _BULLET.sub("", line, count=1)
    is_bullet = content != line.lstrip()
    head, colon, tail = content.partition(":")
    if not colon:
        return _DASH.split(content)[0] if is_bullet else content
    label = head.strip(QUOTES).lower()
    if _PREAMBLE.match(label) or _LABEL.fullmatch(label) or len(head.split()) > MAX_WORDS:
        return tail
    return head if is_bullet else content


def _head(item: str) -> str:
    """An item without its explanation: "vivid: strong colours", "vivid - strong colours"."""
    head, _, tail = item.strip().partition(":")
    return _DASH.split(tail if _NUMBERED.fullmatch(head.strip(QUOTES).lower()) else head)[0]
