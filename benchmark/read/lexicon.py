"""A closed vocabulary that finds the aspects named in a few words, however the words are inflected."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

NEGATIONS = frozenset(
    {"no", "not", "less", "without", "lacking", "non", "reduced", "never", "fewer", "hardly"}
)
_FILLERS = frozenset(
    {"style", "styled", "effect", "look", "looking", "tone", "filter", "image", "photo", "color", "colour"}
)
"""Words that are left out where others remain: "sepia tones" is "sepia"."""
_TOKEN = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """An aspect named in a text."""

    aspect: str
    negated: bool
    """Named to say that it is absent or reduced, as in "less vivid"."""
    position: int
    """Index of its first word in the text."""


class Lexicon:
    """Finds aspects by any of their names: whole words, whatever their case, hyphens, plural or degree.

    Where two names overlap the longer wins: "motion-blurred" is not "blurred". A name that several aspects share
    (two artists of one style) names all of them.
    """

    def __init__(self, names: Mapping[str, Iterable[str]]) -> None:
        self._forms: dict[tuple[str, ...], tuple[str, ...]] = {}
        for aspect, synonyms in names.items():
            for name in (aspect, *synonyms):
                self._add(aspect, name)
        self._longest = max((len(form) for form in self._forms), default=0)

    @property
    def forms(self) -> Mapping[tuple[str, ...], tuple[str, ...]]:
        """Every known sequence of words, with the aspects that it names."""
        return dict(self._forms)

    def mentions(self, text: str) -> tuple[Mention, ...]:
        """The aspects named in `text`, in order; an aspect named twice is there twice."""
        words = tokens(text)
        found: list[Mention] = []
        position = 0
        while position < len(words):
            length, aspects = self._match(words[position:])
            negated = any(word in NEGATIONS for word in words[max(0, position - 2) : position])
            found += [Mention(aspect=aspect, negated=negated, position=position) for aspect in aspects]
            position += length
        return tuple(found)

    def _match(self, words: tuple[str, ...]) -> tuple[int, tuple[str, ...]]:
        for length in range(min(self._longest, len(words)), 0, -1):
            if aspects := self._forms.get(words[:length]):
                return length, aspects
        return 1, ()

    def _add(self, aspect: str, name: str) -> None:
        *before, last = _significant(tokens(name))
        for form in inflections(last):
            known = self._forms.get((*before, form), ())
            if aspect not in known:
                self._forms[*before, form] = (*known, aspect)


def tokens(text: str) -> tuple[str, ...]:
    """Lower-case words; hyphens, underscores and punctuation separate them."""
    return tuple(_TOKEN.findall(text.lower()))


def inflections(word: str) -> frozenset[str]:
    """`word` with the endings that English gives adjectives and nouns: plural, -er, -est, -ly, -ness.

    Adjectives in -y and -ed are also known by their noun (blurry, blur; outlined, outline).
    """
    stems = {word, *_nouns(word)}
    forms = set(stems)
    for stem in stems:
        forms |= {stem + ending for ending in ("s", "es", "er", "est", "ly", "ness")}
        if stem.endswith("e"):
            forms |= {stem + "r", stem + "st", stem[:-1] + "y"}
        if stem.endswith("y"):
            forms |= {stem[:-1] + ending for ending in ("ier", "iest", "ily", "iness", "ies")}
        if re.search(r"[^aeiou][aeiou][^aeiouwxy]$", stem):
            forms |= {stem + stem[-1] + ending for ending in ("er", "est", "y", "ing", "ed")}
    return frozenset(forms)


def _nouns(word: str) -> set[str]:
    if word.endswith("y") and len(word) >= 5:
        stem = word[:-1]
        return {stem, stem + "e", stem[:-1]} if stem[-1] == stem[-2] else {stem, stem + "e"}
    if word.endswith("ed") and len(word) >= 7:
        return {word[:-2], word[:-1]}
    return set()


def _significant(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word for word in words if word not in _FILLERS) or words
