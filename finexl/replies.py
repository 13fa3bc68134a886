"""Concepts from the free text of a vision-language model, whatever shape its list has.

A refusal, a sentence or "no difference" never becomes a concept: what is not clearly a word or a short
phrase is dropped.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MAX_LETTERS = 40
MAX_WORDS = 4
"""Longer items are sentences, not concepts."""

_REASONING = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL | re.IGNORECASE)
_FENCE = re.compile(r"```[\w-]*")
_PARENTHESES = re.compile(r"\([^()]*\)")
_BULLET = re.compile(
    r"^\s*(?:[-*+•·‣▪◦–—>#]+\s+|[*•·‣▪◦]|\(?(?:\d{1,3}|[a-z])[.)](?=\s|\*|[a-z]))\s*", re.IGNORECASE
)
_INLINE_NUMBER = re.compile(r"(?:(?<=\s)|(?<=,))\(?\d{1,2}[.)]\s+")
_SEPARATOR = re.compile(r"[,;|，、；\n\t]|\s/\s")
_DASH = re.compile(r"\s+[-–—]+\s+|[–—]")
_QUOTES = " \t\"'“”‘’«»`*_~[]{}<>()"
_ENDS = _QUOTES + ".!?:…"
_PREAMBLE = re.compile(
    r"^(?:here|sure|certainly|of course|okay|ok|answer|final answer|list|output|response|result|the|this|"
    r"these|differences?|concepts?|styles?|adjectives?|key|main|image|images|compared|in|based)\b"
)
_SENTENCE = re.compile(
    r"^(?:i|i'm|we|it|it's|they|he|she|you|this|that|these|those|there|here|both|sure|certainly|of course|"
    r"yes|no|okay|ok|please|answer|however|both images|(?:the )?(?:first|second|base|personalized) images?)\b"
)
_REFUSAL = re.compile(
    r"\b(?:i(?:['’]m| am) (?:sorry|unable|not able|afraid)|i (?:can(?:no|['’])t|can not|won['’]t|will not)|"
    r"i must decline|(?:cannot|can['’]t|unable to|not able to) (?:assist|help|comply|provide|answer|describe|"
    r"view|see|analy[sz]e|identify|fulfil\w*|compare|determine|process)|"
    r"as an? (?:ai|language model|assistant)|i apologi[sz]e|"
    r"(?:content|usage|safety) polic\w+|against (?:my|our|the) \w+|sorry,)|^\W*sorry\b",
    re.IGNORECASE,
)
_NO_DIFFERENCE = re.compile(
    r"\b(?:no|not any|without(?: any)?|aren['’]t any|isn['’]t any)\b[^,;\n]*"
    r"\b(?:differ\w*|chang\w*|distinction\w*)|"
    r"\bidentical\b|\bindistinguishable\b|\b(?:look|are|is|nearly|almost|exactly|essentially) the same\b|"
    r"^\W*(?:none|nothing\b.*|n/?a|null|nil|unknown|same|the same|no)\W*$|"
    r"\b(?:do not|don['’]t|does not) differ\b",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConceptList:
    """What one reply named, and how the reading ended: ok, refused, empty, unparsable, timeout or failed."""

    concepts: tuple[str, ...]
    outcome: str


def parse_concepts(text: str) -> tuple[str, ...]:
    """The concepts in a reply: lower-case, stripped, without repeats, in first-seen order.

    >>> parse_concepts("1. **Vivid**\\n2. Film grain, vivid")
    ('vivid', 'film grain')
    """
    return read_concepts(text).concepts


def read_concepts(text: str) -> ConceptList:
    """The concepts in a reply, and where there are none, why."""
    clean = _visible(text)
    if _REFUSAL.search(clean):
        return ConceptList(concepts=(), outcome="refused")
    items = (_tidy(item) for item in _items(clean))
    concepts = tuple(dict.fromkeys(item for item in items if _is_concept(item)))
    if concepts:
        return ConceptList(concepts=concepts, outcome="ok")
    says_nothing = not clean.strip(_ENDS) or _NO_DIFFERENCE.search(clean) is not None
    return ConceptList(concepts=(), outcome="empty" if says_nothing else "unparsable")


def without_fences(text: str) -> str:
    """A reply without reasoning tags and code fences."""
    return _FENCE.sub("\n", _REASONING.sub(" ", text)).strip()


def _visible(text: str) -> str:
    """The text without reasoning, fences, zero-width and control characters."""
    plain = unicodedata.normalize("NFKC", without_fences(text))
    return "".join(c for c in plain if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co"})


def _items(text: str) -> Iterator[str]:
    """The candidate phrases of a reply, from JSON if it is JSON, else from its lines."""
    try:
        parsed = json.loads(text)
    except ValueError:
        parsed = None
    if isinstance(parsed, list | dict):
        yield from _strings(parsed)
        return
    for line in _PARENTHESES.sub(" ", _INLINE_NUMBER.sub("\n", text)).splitlines():
        for item in _SEPARATOR.split(_list_part(line)):
            yield _head(item)


def _strings(parsed: object) -> Iterator[str]:
    """Strings of a JSON list, also one level down; of {"concept": ..., ...} the first string only."""
    values: Iterable[object] = ()
    match parsed:
        case str():
            yield from _SEPARATOR.split(parsed)
        case list():
            values = parsed
        case dict():
            lists = [value for value in parsed.values() if isinstance(value, list)]
            values = lists or [value for value in parsed.values() if isinstance(value, str)][:1]
        case _:
            pass
    for value in values:
        yield from _strings(value)


def _list_part(line: str) -> str:
    """A line without its bullet, its preamble ("Differences: ...") or its explanation ("- vivid: ...")."""
    content = _BULLET.sub("", line, count=1)
    is_bullet = content != line.lstrip()
    head, colon, tail = content.partition(":")
    if not colon:
        return _DASH.split(content)[0] if is_bullet else content
    if _PREAMBLE.match(head.strip(_QUOTES).lower()) or len(head.split()) > MAX_WORDS:
        return tail
    return head if is_bullet else content


def _head(item: str) -> str:
    """An item without its explanation: "vivid: strong colours", "vivid - strong colours"."""
    return _DASH.split(item.strip().partition(":")[0])[0]


def _tidy(item: str) -> str:
    words = " ".join(item.lower().split()).strip(_ENDS)
    return re.sub(r"^(?:and|or|&|as well as|also)\s+", "", words).strip(_ENDS)


def _is_concept(item: str) -> bool:
    return (
        any(letter.isalpha() for letter in item)
        and len(item) <= MAX_LETTERS
        and len(item.split()) <= MAX_WORDS
        and not _SENTENCE.match(item)
        and not _NO_DIFFERENCE.search(item)
    )
