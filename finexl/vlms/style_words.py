"""The miniature's language layer where it reads and writes sentences: style words in captions, degrees in answers.

It knows the style words of the rendered world and the adverbs that its captions use, and nothing of images: what it
says is right where the captions were.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from finexl.captions import GroupCaptions

NOTHING = "no noticeable difference"
DEGREES: tuple[tuple[float, str], ...] = (
    (1.5, "barely"),
    (3.5, "slightly"),
    (4.5, "somewhat"),
    (5.5, "moderately"),
    (6.5, ""),
    (7.5, "clearly"),
    (9.0, "very"),
    (float("inf"), "extremely"),
)
"""How a strength from 0 to 10 is said: by the first adverb whose bound is above it."""
_FILLERS = frozenset(["a", "an", "the", "and", "in", "on", "at", "of", "with", "photo", "image", "style"])


@dataclass(frozen=True, slots=True, kw_only=True)
class StyleWords:
    """Finds style words in captions and puts differences into words."""

    styles: Mapping[str, tuple[str, ...]]
    """Each style with its words."""
    degrees: Mapping[str, float]
    """What the captions' adverbs are worth from 1 to 10; "" is no adverb."""
    _style_of: Mapping[str, str] = field(init=False, repr=False)
    _mention: re.Pattern[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        style_of = {word: style for style, words in self.styles.items() for word in words}
        longest_first = "|".join(re.escape(word) for word in sorted(style_of, key=len, reverse=True))
        adverbs = "|".join(adverb for adverb in self.degrees if adverb)
        object.__setattr__(self, "_style_of", style_of)
        object.__setattr__(
            self, "_mention", re.compile(rf"(?:\b({adverbs})\s+)?(?<![\w-])({longest_first})(?![\w-])")
        )

    def mentions(self, caption: str) -> list[tuple[str, float]]:
        """The style words of a caption with the strength of each, in order."""
        return [(match[2], self.degrees[match[1] or ""]) for match in self._mention.finditer(caption)]

    def style_of(self, word: str) -> str:
        """The style that a word names."""
        return self._style_of[word]

    def propose(self, captions: GroupCaptions, *, n: int = 10) -> str:
        """Up to `n` hypotheses of what more captions of group A say than of group B, one per line.

        Synonyms count together, as one concept, said as group A says it most often: "a very vivid photo". Other
        words of the captions are concepts too: "brown", where group A is of brown houses.
        """
        a, b = (Counter(c for text in group for c in set(self._concepts(text))) for group in captions)
        gains = {c: a[c] / len(captions.a) - b[c] / max(len(captions.b), 1) for c in a}
        ranked = sorted((c for c in gains if gains[c] > 0), key=lambda c: (-gains[c], c))
        return "\n".join(f"- {self._said_of(concept, captions.a)}" for concept in ranked[:n]) or NOTHING

    def compare(self, strengths: Iterable[tuple[str, float]]) -> str:
        """A sentence that says how much more each word holds of the personalized images, 0 to 10."""
        said = [f"{_adverb(strength)} {word}".strip() for word, strength in strengths]
        return (
            f"The personalized images are {_listed(said)}."
            if said
            else f"There is {NOTHING} between the images."
        )

    def _concepts(self, caption: str) -> list[str]:
        """What a caption names: styles, whatever the synonym and degree, and all other words."""
        rest = re.findall(r"[\w-]+", self._mention.sub(" ", caption))
        return [self._style_of[word] for word, _ in self.mentions(caption)] + [
            word for word in rest if word not in _FILLERS and word not in self.degrees
        ]

    def _said_of(self, concept: str, captions: Sequence[str]) -> str:
        """A concept as a caption: a style in its most frequent words and degree, any other word as it is."""
        if concept not in self.styles:
            return concept
        said = Counter(
            found[0]
            for caption in captions
            for found in self._mention.finditer(caption)
            if self._style_of[found[2]] == concept
        )
        phrase = min(said, key=lambda words: (-said[words], words))
        return f"a {phrase} photo"


def _adverb(strength: float) -> str:
    return next(adverb for bound, adverb in DEGREES if strength < bound)


def _listed(said: Sequence[str]) -> str:
    *before, last = said
    return f"{', '.join(before)} and {last}" if before else last
