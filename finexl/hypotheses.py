"""Hypotheses from a language model's list: one per line, longer than a concept, and never a refusal."""

import re

from finexl.replies import ConceptList, read_concepts, without_fences

MAX_WORDS = 12
"""Longer lines are explanations, not captions that an encoder can place."""

_ITEM = re.compile(r"^\s*(?:[-*+•–]|\(?\d{1,2}[.)])\s+(\S.*)$", re.MULTILINE)
_PARENTHESES = re.compile(r"\([^()]*\)")
_EDGES = " \t\"'“”‘’«»`*_.:;,!"


def read_hypotheses(text: str) -> ConceptList:
    """The hypotheses of a reply in lower case, without repeats, in the order given, and how the reading ended.

    A reply without list marks is read as a list of concepts.

    >>> read_hypotheses('- "A very vivid photo"\\n* film grain').concepts
    ('a very vivid photo', 'film grain')
    """
    plain = read_concepts(text)
    if plain.outcome in ("refused", "empty"):
        return plain
    items = (_tidy(item) for item in _ITEM.findall(without_fences(text)))
    hypotheses = tuple(dict.fromkeys(item for item in items if _is_hypothesis(item)))
    return ConceptList(concepts=hypotheses, outcome="ok") if hypotheses else plain


def _tidy(item: str) -> str:
    return " ".join(_PARENTHESES.sub(" ", item).lower().split()).strip(_EDGES)


def _is_hypothesis(item: str) -> bool:
    """Whether an item says something: not too much, and not that there is nothing to say."""
    says_something = any(letter.isalpha() for letter in item) and len(item.split()) <= MAX_WORDS
    return says_something and read_concepts(item).outcome not in ("refused", "empty")
