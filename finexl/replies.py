"""Concepts from the free text of a vision-language model, whatever shape its list has.

A refusal, a sentence or "no difference" never becomes a concept: what is not clearly a word or a short
phrase is dropped.
"""

import html
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from finexl.refusals import refuses, says_no_difference

MAX_LETTERS = 40
MAX_WORDS = 4
"""Longer items are sentences, not concepts."""
MAX_CONCEPTS = 60
"""What a reply names beyond this is not a list that anybody asked for."""

_THOUGHTS = r"(?:seed:)?(?:think(?:ing)?|thoughts?|reason(?:ing)?|reflection|scratchpad|analysis)"
_BEGINS = (
    rf"(?:<{_THOUGHTS}>|\[THINK\]|◁think▷|<\|begin_of_thought\|>|<\|channel\|>(?:analysis|commentary)\b)"
)
_ENDED = (
    rf"(?:</{_THOUGHTS}>|\[/THINK\]|◁/think▷|<\|end_of_thought\|>|<\|channel\|>final\s*(?:<\|message\|>)?|"
    r"\bassistantfinal)"
)
"""Marks of reasoning, as the templates of chat models have them; servers leave out the first one, or both signs."""
_REASONING = re.compile(rf"{_BEGINS}.*?(?:{_ENDED}|\Z)", re.DOTALL | re.IGNORECASE)
_UNOPENED = re.compile(rf"\A.*{_ENDED}", re.DOTALL | re.IGNORECASE)
_TEMPLATE = re.compile(r"<\|[a-z_]{1,30}\|>", re.IGNORECASE)
_JSON_START = re.compile(r"[\[{](?=\s*[\"'“‘\[{])")
_FENCE = re.compile(
    r"```(?:(?:jsonc?|te?xt|plain(?:text)?|python|py|csv|markdown|md|html|xml|ya?ml|list|output)\b)?",
    re.IGNORECASE,
)
_PARENTHESES = re.compile(r"\([^()]*\)")
_BULLET = re.compile(
    r"^\s*(?:[-*+•·‣▪◦–—>#]+\s+|[*•·‣▪◦]|\(?(?:\d{1,3}|[a-z])[.)](?=\s|\*|[a-z])|(?=\[))\s*"
    r"(?:\[(?:\d{1,3}|[ x])\]\s*)?",
    re.IGNORECASE,
)
_INLINE_NUMBER = re.compile(r"(?:(?<=[ \t])|(?<=,))\(?\d{1,2}[.)]\s+")
_SEPARATOR = re.compile(r"[,;|，、；،؛\n\t]|\s/\s|(?:^|\s)#(?=\w)")
_DOTTED = re.compile(r"(?:[^\s.]+(?: [^\s.]+)?\.\s+)+[^\s.]+(?: [^\s.]+)?\.?")
"""One or two words, a full stop, one or two words: a list for all its punctuation."""
_DASH = re.compile(r"\s+[-–—]+\s+|[–—]")
_QUOTES = " \t\"'“”‘’«»`*_~[]{}<>()"
_ENDS = _QUOTES + ".!?:…"
_PREAMBLE = re.compile(
    r"^(?:here|sure|certainly|of course|okay|ok|answer|final answer|list|output|response|result|the|this|"
    r"these|differences?|concepts?|styles?|adjectives?|key|main|image|images|compared|in|based)\b"
)
_SENTENCE = re.compile(
    r"^(?:i|i'm|we|it|it's|they|he|she|you|this|that|these|those|there|here|both|sure|certainly|of course|"
    r"yes|no|okay|ok|please|let me|feel free|hope (?:this|that|it)|unfortunately|answer|however|both images|"
    r"(?:the )?(?:first|second|base|personalized) images?)\b"
)
_TITLE = re.compile(
    r"^(?:(?:the|key|main|notable|visible|visual|observed|style|stylistic) )*"
    r"(?:differences?|concepts?|styles?|changes?|properties|adjectives?|answer|output|list)$"
)
_ECHO = re.compile(r"you see images in pairs|write nothing but the list|separated by commas", re.IGNORECASE)
"""Words of the question: a model that repeats it names our examples and not what it saw."""
_HIDDEN_HTML = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"</?[a-z!][^<>]{0,500}>", re.IGNORECASE)
_ADDRESS = re.compile(r"\bhttps?://\S+")
_LINE_END = re.compile(r"\r\n?|[\x85\u2028\u2029]|[\u2460-\u2473]")
"""Ends of lines, and the circled numbers that stand for them."""
_STRAIGHT = str.maketrans("“”‘’", "\"\"''")
_EMPTY_LIST = re.compile(r"\[\s*\]")
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn"}
_MAX_STARTS = 100
"""Brackets at which JSON is looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConceptList:
    """What one reply named, and how the reading ended: ok, none, refused, empty, cut, unparsable, timeout or failed.

    `none` is an answer: the reply says that there is nothing to name. `empty` is a reply without words, and `cut` one
    that ends within its list: how much is missing, nobody knows.
    """

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
    clean = visible_text(text)
    if refuses(clean):
        return ConceptList(concepts=(), outcome="refused")
    if _ECHO.search(clean):
        return ConceptList(concepts=(), outcome="unparsable")
    if is_cut(clean) and clean.strip(_ENDS + "\n"):
        return ConceptList(concepts=(), outcome="cut")
    named = dict.fromkeys(item for item in map(_tidy, _items(clean)) if _is_concept(item))
    concepts = tuple(islice((item for item in named if not refuses(item)), MAX_CONCEPTS))
    if concepts:
        return ConceptList(concepts=concepts, outcome="ok")
    if named and not says_no_difference(clean):
        return ConceptList(concepts=(), outcome="refused")
    if _EMPTY_LIST.search(clean) or says_no_difference(clean):
        return ConceptList(concepts=(), outcome="none")
    return ConceptList(concepts=(), outcome="unparsable" if clean.strip(_ENDS + "\n") else "empty")


def without_fences(text: str) -> str:
    """A reply without reasoning and code fences.

    >>> without_fences("Blue, or rather vivid?</think>grainy")
    'grainy'
    """
    answer = _UNOPENED.sub("", _REASONING.sub(" ", text))
    return _FENCE.sub("\n", _TEMPLATE.sub(" ", answer)).strip()


def is_cut(text: str) -> bool:
    """Whether a list or object of JSON begins in a text and does not end in it.

    >>> is_cut('["vivid", "film gr'), is_cut('["vivid", "film grain"]')
    (True, False)
    """
    end = 0
    for start in (found.start() for found in _JSON_START.finditer(text)):
        if start < end:
            continue
        # by both readings: a quotation mark too many would hide the end, and a bracket in a string feign one
        end = max(_end_of(text, start, has_strings=True), _end_of(text, start, has_strings=False))
        if end < 0:
            return True
    return False


def _end_of(text: str, start: int, *, has_strings: bool) -> int:
    """Where the bracket that opens at `start` is closed; -1 if nowhere."""
    depth, is_string, is_escaped = 0, False, False
    for index in range(start, len(text)):
        letter = text[index]
        if is_string:
            is_string = is_escaped or letter != '"'
            is_escaped = letter == "\\" and not is_escaped
        elif letter == '"' and has_strings:
            is_string = True
        elif letter in "[{":
            depth += 1
        elif letter in "]}":
            depth -= 1
            if depth == 0:
                return index + 1
    return -1


def visible_text(text: str) -> str:
    """A reply without reasoning, fences, HTML, addresses, pictures, zero-width and control characters."""
    lines = _LINE_END.sub("\n", without_fences(text))
    words = html.unescape(_TAG.sub("\n", _HIDDEN_HTML.sub("\n", lines)))
    plain = unicodedata.normalize("NFKC", _ADDRESS.sub(" ", words))
    kept = (c for c in plain if c in "\n\t" or unicodedata.category(c) not in _UNSEEN)
    return "".join(" " if unicodedata.category(c) == "So" or c == "\ufe0f" else c for c in kept)


def _items(text: str) -> Iterator[str]:
    """The candidate phrases of a reply, from the JSON that it is or holds, else from its lines."""
    strings = json_strings(text)
    if strings or _is_json(text):
        for string in strings:
            yield from _SEPARATOR.split(string)
        return
    for line in _PARENTHESES.sub(" ", _INLINE_NUMBER.sub("\n- ", text)).splitlines():
        for item in _SEPARATOR.split(_list_part(line)):
            for part in re.split(r"\.\s+", item) if _DOTTED.fullmatch(item.strip()) else [item]:
                yield _head(part)


def straight_quotes(text: str) -> str:
    """A text with JSON's quotes where it has Python's or a typesetter's.

    >>> straight_quotes("['film noir', 'grain']")
    '["film noir", "grain"]'
    """
    plain = text.translate(_STRAIGHT).replace("\\'", "'")
    return re.sub(r"(?<!\w)'|'(?!\w)", '"', plain)


def _is_json(text: str) -> bool:
    """Whether a text is a JSON list or object and nothing else."""
    try:
        return isinstance(json.loads(text), list | dict)
    except (ValueError, RecursionError):
        return False


def json_strings(text: str) -> list[str]:
    """The strings that a text's JSON lists; of {"concept": ..., ...} the first only."""
    return [string for value in json_values(text) for string in _strings(value)]


def json_values(text: str) -> list[object]:
    """The JSON lists and objects that stand in a text, also in one that was cut off."""
    decoder, found, end = json.JSONDecoder(), [], 0
    starts = [index for index, letter in enumerate(text) if letter in "[{"]
    for start in starts[:_MAX_STARTS]:
        if start < end:
            continue
        try:
            value, end = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            continue
        found.append(value)
    return found


def _strings(parsed: object) -> Iterator[str]:
    values: Iterable[object] = ()
    match parsed:
        case str():
            yield parsed
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


def is_sentence(item: str) -> bool:
    """Whether an item in lower case begins as somebody speaks to the reader."""
    return bool(_SENTENCE.match(item))


def _is_concept(item: str) -> bool:
    return (
        any(letter.isalpha() for letter in item)
        and len(item) <= MAX_LETTERS
        and len(item.split()) <= MAX_WORDS
        and not is_sentence(item)
        and not _TITLE.match(item)
        and not says_no_difference(item)
    )
