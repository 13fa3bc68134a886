"""Hypotheses from a language model's list: one per line or JSON string, longer than a concept, and never a refusal."""

import re

from finexl.refusals import refuses, says_no_difference
from finexl.replies import (
    ConceptList,
    is_cut,
    is_sentence,
    json_strings,
    read_concepts,
    straight_quotes,
    visible_text,
)

MAX_WORDS = 12
"""Longer lines are explanations, not captions that an encoder can place."""

_ITEM = re.compile(
    r"^\s*(?:>\s*)?(?:(?:[-*+•–]|[*_]{0,2}\(?\d{1,2}[.)][*_]{0,2})\s+|[•·‣▪◦]\s*|\*\*\d{1,2}[.)]\*\*)(\S.*)$",
    re.MULTILINE,
)
_PARENTHESES = re.compile(r"\([^()]*\)")
_LABEL = re.compile(r"(?:hypothes[ie]s|captions?|differences?|style|answer)\s*#?\d{0,2}")
"""What stands before a colon without being the hypothesis itself."""
_REASON = re.compile(r":(?=\s|$)|\s[-–—]+\s")
_EDGES = " \t\"'“”‘’«»`_.:;,!#[]{}"
_TALK = re.compile(r"^\W*prompt:|\bgroups?\b|\bhypothes[ie]s\b(?! #?\d)|[:：]\W*$|^\s*#", re.IGNORECASE)
"""Lines about the hypotheses."""


def read_hypotheses(text: str) -> ConceptList:
    """The hypotheses of a reply in lower case, without repeats, in the order given, and how the reading ended.

    An item that refuses is left out; all are if what stands around them refuses. A reply that is neither JSON nor
    lines is read as a list of concepts.

    >>> read_hypotheses('- "A very vivid photo"\\n* film grain').concepts
    ('a very vivid photo', 'film grain')
    """
    clean = visible_text(text)
    items, around = _items(clean)
    if refuses(around):
        return ConceptList(concepts=(), outcome="refused")
    if is_cut(clean):
        return ConceptList(concepts=(), outcome="cut")
    meant = [item for item in items if not refuses(item)]
    hypotheses = dict.fromkeys(item for item in map(_tidy, meant) if _is_hypothesis(item))
    if hypotheses:
        return ConceptList(concepts=tuple(hypotheses), outcome="ok")
    return ConceptList(concepts=(), outcome="refused") if len(meant) < len(items) else read_concepts(text)


def _items(text: str) -> tuple[list[str], str]:
    """The items of a marked list, of JSON or of Python, or the lines; and what else a reply says."""
    if marked := _ITEM.findall(text):
        return marked, _ITEM.sub("", text)
    if strings := json_strings(text) or json_strings(straight_quotes(text)):
        return strings, re.split(r"[\[{]", text, maxsplit=1)[0]
    return _lines(text), text


def _lines(text: str) -> list[str]:
    """The lines of a reply if it has several and they are not lists of concepts themselves."""
    lines = [line.strip().rstrip(",") for line in text.splitlines()]
    lines = [line for line in lines if any(map(str.isalpha, line)) and not _TALK.search(line)]
    n_lists = sum(bool(re.search(r"[,;|、，]", line)) for line in lines)
    return lines if len(lines) > 1 and 2 * n_lists <= len(lines) and not says_no_difference(text) else []


def _tidy(item: str) -> str:
    words = " ".join(_PARENTHESES.sub(" ", item.replace("*", " ")).lower().split()).strip(_EDGES)
    head, *tail = _REASON.split(words, maxsplit=1)
    return (tail[0] if tail and _LABEL.fullmatch(head.strip(_EDGES)) else head).strip(_EDGES)


def _is_hypothesis(item: str) -> bool:
    """Whether an item says something: not too much, not to the reader, and not that there is nothing to say."""
    says_something = any(map(str.isalpha, item)) and len(item.split()) <= MAX_WORDS
    speaks = is_sentence(item) and not item.startswith("no ")  # "no people" is a trait
    return says_something and not speaks and not says_no_difference(item) and not _LABEL.fullmatch(item)
