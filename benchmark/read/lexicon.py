"""A closed vocabulary that finds the aspects named in a few words, however the words are inflected."""

import re
from collections.abc import Iterable, Mapping

FILLERS = frozenset(
    {"style", "styled", "effect", "look", "looking", "tone", "filter", "image", "photo", "color", "colour"}
)
"""Words that are left out where others remain: "sepia tones" is "sepia"."""
_TOKEN = re.compile(r"[^\W_]+")


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
        self.longest = max((len(form) for form in self._forms), default=0)
        """Words of the longest name."""

    @property
    def forms(self) -> Mapping[tuple[str, ...], tuple[str, ...]]:
        """Every known sequence of words, with the aspects that it names."""
        return dict(self._forms)

    def match(self, words: tuple[str, ...]) -> tuple[int, tuple[str, ...]]:
        """How many of some words, from the first on, name something, and what; one word that names nothing."""
        for length in range(min(self.longest, len(words)), 0, -1):
            if aspects := self._forms.get(words[:length]):
                return length, aspects
        return 1, ()

    def _add(self, aspect: str, name: str) -> None:
        if not (words := _significant(name)):  # a label of marks alone cannot be said
            return
        *before, last = words
        for form in inflections(last):
            known = self._forms.get((*before, form), ())
            if aspect not in known:
                self._forms[*before, form] = (*known, aspect)


def tokens(text: str) -> tuple[str, ...]:
    """Lower-case words; hyphens, underscores and punctuation separate them."""
    return tuple(_TOKEN.findall(text.lower()))


def inflections(word: str) -> frozenset[str]:
    """`word` with the endings that English gives adjectives and nouns: plural, -er, -est, -ly, -ness, -th.

    Adjectives in -y, -ed, -ated, -ized, -ing and -ant are also known by their noun (blurry, blur; outlined, outline;
    saturated, saturation; glowing, glow; vibrant, vibrancy).
    """
    nouns = _nouns(word)
    stems = {word, *nouns}
    forms = set(stems)
    for stem in stems:
        forms |= {stem + ending for ending in ("s", "es", "er", "est", "ly", "ness", "th")}
        if stem.endswith("e"):
            forms |= {stem + "r", stem + "st", stem[:-1] + "y"}
        if stem.endswith("y"):
            forms |= {stem[:-1] + ending for ending in ("ier", "iest", "ily", "iness", "ies")}
        if re.search(r"[^aeiou][aeiou][^aeiouwxy]$", stem):
            forms |= {stem + stem[-1] + ending for ending in ("er", "est", "y", "ing", "ed")}
    return frozenset(forms | {noun.removesuffix("e") + "ing" for noun in nouns})


def _nouns(word: str) -> set[str]:
    if word.endswith("y") and len(word) >= 5:
        stem = word[:-1]
        return {stem, stem + "e", stem[:-1]} if stem[-1] == stem[-2] else {stem, stem + "e"}
    if word.endswith("ing") and len(word) >= 7:
        return {word[:-3]}
    if word.endswith("ant"):
        return {word[:-1] + "ce", word[:-1] + "cy"}
    if word.endswith(("ated", "ized", "ised")):
        ending = "ion" if word.endswith("ated") else "ation"
        return {word[:-2], word[:-1], word[:-2] + ending}
    if word.endswith("ed") and len(word) >= 7:
        return {word[:-2], word[:-1]}
    return set()


def _significant(name: str) -> tuple[str, ...]:
    """The words of a name without fillers; a part that is joined by a hyphen is none ("false-color")."""
    words = [tokens(part) for part in name.split()]
    kept = [part for part in words if len(part) != 1 or part[0] not in FILLERS]
    return tuple(word for part in kept or words for word in part)
