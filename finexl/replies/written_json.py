"""The JSON in a reply, as models write it: with text around it, comments, commas too many, Python's quotes, or cut."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping

_START = re.compile(r"[\[{](?=\s*[\"'“‘\[{])")
_UNCLOSED_LIST = re.compile(r"\s*\[\s*[^\W\d_][^\[\]\n]*\Z")
_OPENED = re.compile(r"\s*<([a-z]\w*)\b[^<>]*>", re.IGNORECASE)
_STRAIGHT = str.maketrans("“”‘’", "\"\"''")
_COMMENT = re.compile(r"(?<!:)//[^\n]*|/\*.*?\*/", re.DOTALL)
_MAX_STARTS = 100
"""Brackets at which JSON is looked for."""
_NAMES = (
    *(
        "concept",
        "aspect",
        "name",
        "style",
        "property",
        "attribute",
        "adjective",
        "label",
        "difference",
        "trait",
    ),
    *("term", "word", "phrase", "feature", "keyword", "descriptor", "value", "hypothesis", "caption"),
)
"""Keys of what is named."""
_HOLDERS = re.compile(
    r"(?:answers?|results?|outputs?|responses?|list|items?|text|content|data|final(?:_| )?(?:answer|list)|"
    r"(?:style_?)?(?:differences?|changes?|propert(?:y|ies)|adjectives?|hypotheses)|second(?:_image)?|personali[sz]ed|"
    rf"(?:{'|'.join(_NAMES)})s?|(?:{'|'.join(_NAMES)}|item|pair|image|\w)?[ _#-]*\d+|"
    r"colou?rs?|lights?|lighting|textures?|lines?|sharpness|composition|mood|tone|contrast|palette|medium|atmosphere)"
)
"""Keys whose words are named by their values; of any two other keys the keys themselves are the names."""
_ASIDE = re.compile(
    r"(?:\w+_)?(?:id|index|rank|number|count|score|rating|confidence|strength|intensity|level|why|reason(?:ing)?|"
    r"rationale|explanations?|description|evidence|justification|notes?|comments?|summary|analysis|think(?:ing)?|"
    r"thoughts?|thought_process|steps?|observations?|status|code|type|kind|object|model|role|language|detail|message|"
    r"error|success|format|version|category)"
)
"""Keys of what is said beside the names."""
_FIRST = re.compile(r"(?:base|first|original|before)(?:[ _]image)?s?|image[ _]?(?:1|a|one)")
_SECOND = re.compile(r"(?:personali[sz]ed|second|tuned|modified|after)(?:[ _]image)?s?|image[ _]?(?:2|b|two)")
_DENIED = (None, False, 0, "", "no", "none", "false", "absent", "n/a")
_SCHEMAS = ("items", "properties", "arguments", "parameters", "function")


def is_cut(text: str) -> bool:
    """Whether a list or object of JSON, or an element of XML, begins in a text and does not end in it.

    >>> is_cut('["vivid", "film gr'), is_cut('["vivid", "film grain"]'), is_cut("[vivid, film gr")
    (True, False, True)
    """
    if _UNCLOSED_LIST.match(text):
        return True
    end = 0
    for start in (found.start() for found in _START.finditer(text)):
        if start < end:
            continue
        # by both readings: a quotation mark too many would hide the end, and a bracket in a string feign one
        end = max(_end_of(text, start, has_strings=True), _end_of(text, start, has_strings=False))
        if end < 0:
            return True
    return False


def is_cut_xml(text: str) -> bool:
    """Whether a text begins with an element that does not end in it, and in which elements ended.

    >>> is_cut_xml("<list><item>vivid</item><item>gr"), is_cut_xml("<p>vivid<br>grainy")
    (True, False)
    """
    opened = _OPENED.match(text)
    return bool(opened and f"</{opened[1]}".lower() not in text.lower() and "</" in text)


def json_strings(text: str) -> list[str]:
    """The strings that a text's JSON names; of {"concept": ..., "why": ...} the concept only."""
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


def is_json(text: str) -> bool:
    """Whether a text is a JSON list or object and nothing else."""
    try:
        return isinstance(json.loads(text), list | dict)
    except (ValueError, RecursionError):
        return False


def straight_quotes(text: str) -> str:
    """A text with JSON's quotes where it has Python's or a typesetter's.

    >>> straight_quotes("['film noir', 'grain']")
    '["film noir", "grain"]'
    """
    plain = text.translate(_STRAIGHT).replace("\\'", "'")
    return re.sub(r"(?<!\w)'|'(?!\w)", '"', plain)


def mended(text: str) -> str:
    """A text whose JSON is as the standard has it, where it is as people, JavaScript or Python write it.

    >>> mended("{names: ['vivid', 'film grain',] // all\\n}")
    '{"names": ["vivid", "film grain"] \\n}'
    """
    plain = straight_quotes(_COMMENT.sub("", text))
    plain = re.sub(r'^\s*\((?=\s*")(.*)\)\s*$', r"[\1]", plain, flags=re.DOTALL)
    plain = re.sub(r'"(\s+)"', r'",\1"', plain)
    plain = re.sub(r",(?:\s*\.\.\.)?\s*([\]}])", r"\1", plain)
    plain = re.sub(r"([{,]\s*)([^\W\d]\w*)(\s*:)", r'\1"\2"\3', plain)
    plain = re.sub(r'\{(\s*"[^":{}\[\]]*"\s*(?:,\s*"[^":{}\[\]]*"\s*)*)\}', r"[\1]", plain)  # a set of Python
    for python, standard in (("True", "true"), ("False", "false"), ("None", "null")):
        plain = re.sub(rf"(?<=[:,\[ ]){python}(?=\s*[,\]}}])", standard, plain)
    return plain


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


def _strings(parsed: object) -> Iterator[str]:
    values: Iterable[object] = ()
    match parsed:
        case str():
            yield parsed
        case list():
            values = parsed
        case dict():
            values = _named({str(key).strip().casefold(): value for key, value in parsed.items()})
        case _:
            pass
    for value in values:
        yield from _strings(value)


def _named(told: Mapping[str, object]) -> Iterable[object]:
    """The values, or the keys, of an object that name something."""
    if any(isinstance(told.get(key), dict) for key in _SCHEMAS):  # a form, or a tool to be called
        return ()
    entry = {key: value for key, value in told.items() if not _ASIDE.fullmatch(key)}
    if any(map(_SECOND.fullmatch, entry)):
        entry = {key: value for key, value in entry.items() if not _FIRST.fullmatch(key)}
    for key in _NAMES:
        if isinstance(name := entry.get(key), str):
            return [name]
    if deeper := [value for value in entry.values() if isinstance(value, list | dict)]:
        return deeper
    if len(entry) > 1 and all(map(_HOLDERS.fullmatch, entry)):
        return entry.values()
    if len(entry) == 1 and isinstance(only := next(iter(entry.values())), str):
        return [only]
    if any(map(_HOLDERS.fullmatch, entry)):
        return [value for key, value in entry.items() if _HOLDERS.fullmatch(key)]
    return [
        key
        for key, value in entry.items()
        if (value.lower() if isinstance(value, str) else value) not in _DENIED
    ]
