"""The words a captioner knows: a closed vocabulary with marks, read from and written to the published JSON form."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from finexl.errors import InvalidInputError

_DROPPED, _SPLIT_OFF = "?.", ",;"


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """The names of the entries that are no words; `others` are those that only one family has."""

    pad: str
    unknown: str
    start: str
    end: str
    others: tuple[str, ...] = ()

    @property
    def all(self) -> frozenset[str]:
        return frozenset({self.pad, self.unknown, self.start, self.end, *self.others})


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """Words by id, with what is known of the world that they speak of."""

    words: tuple[str, ...]
    """Marks included; a word's position is its id."""
    marks: Marks
    aspects: tuple[str, ...] = ()
    """The words that name an aspect; none are known for published files."""
    degrees: Mapping[str, float] = field(default_factory=dict)
    """Adverbs of degree with what they are worth from 0 to 10; "" is an aspect without adverb."""

    def __post_init__(self) -> None:
        missing = self.marks.all - set(self.words)
        if missing or len(set(self.words)) != len(self.words):
            raise InvalidInputError(
                "A vocabulary must hold every mark, and no word twice. "
                f"Missing: {', '.join(sorted(missing)) or 'none'}; {len(self.words)} words were given."
            )

    def __len__(self) -> int:
        return len(self.words)

    def id(self, word: str) -> int:
        """The number of a word or mark, of the unknown mark where there is no such word."""
        return self.words.index(word if word in self.words else self.marks.unknown)

    def degree(self, adverb: str) -> float:
        """What an adverb of `degrees` is worth, or none; without adverb an aspect is worth 1 unless `degrees` says."""
        return self.degrees.get(adverb, 1.0)

    def encode(self, caption: str, *, length: int) -> list[int]:
        """Start, words, end and padding: exactly `length` numbers; a caption that is too long loses its last words."""
        ids = {word: number for number, word in enumerate(self.words)}
        said = [ids.get(word, ids[self.marks.unknown]) for word in words_of(caption)][: length - 2]
        tokens = [ids[self.marks.start], *said, ids[self.marks.end]]
        return tokens + [ids[self.marks.pad]] * (length - len(tokens))

    def decode(self, tokens: Iterable[int]) -> str:
        """The words up to the end mark; other marks are left out."""
        said: list[str] = []
        for token in tokens:
            word = self.words[token]
            if word == self.marks.end:
                break
            if word not in self.marks.all:
                said.append(word)
        text = " ".join(said)
        for mark in _SPLIT_OFF:
            text = text.replace(f" {mark}", mark)
        return text


def words_of(caption: str) -> list[str]:
    """Lower-case words; commas and semicolons are words, full stops and question marks are dropped."""
    for mark in _DROPPED:
        caption = caption.replace(mark, "")
    for mark in _SPLIT_OFF:
        caption = caption.replace(mark, f" {mark}")
    return caption.lower().split()


def stated_degrees(caption: str, vocabulary: Vocabulary) -> dict[str, float]:
    """The aspects that a caption names, with the degree from 0 to 10 of the adverb before each; the larger counts.

    An aspect of several words is named by all of them in a row.
    """
    words = words_of(caption)
    stated: dict[str, float] = {}
    for aspect in vocabulary.aspects:
        name = aspect.split()
        for start in range(len(words) - len(name) + 1):
            if words[start : start + len(name)] == name:
                adverb = words[start - 1] if start and words[start - 1] in vocabulary.degrees else ""
                degree = vocabulary.degree(adverb)
                stated[aspect] = max(degree, stated.get(aspect, 0.0))
    return stated


def learned_vocabulary(
    captions: Sequence[str],
    first: Sequence[str],
    *,
    marks: Marks,
    aspects: Sequence[str] = (),
    degrees: Mapping[str, float] | None = None,
    at_least: int = 1,
) -> Vocabulary:
    """The marks in the order of `first`, then every word that `captions` use `at_least` so often, sorted."""
    counts = Counter(word for caption in captions for word in words_of(caption))
    learned = sorted(word for word, count in counts.items() if count >= at_least and word not in marks.all)
    return Vocabulary(
        words=(*first, *learned), marks=marks, aspects=tuple(aspects), degrees=dict(degrees or {})
    )


def read_words(path: Path) -> tuple[str, ...]:
    """The words of a published vocabulary file, `{word: id}` with ids from 0 without gaps."""
    try:
        ids = json.loads(path.read_text(encoding="utf-8"))
        words = tuple(sorted(ids, key=ids.__getitem__))
        complete = [ids[word] for word in words] == list(range(len(words)))
    except (ValueError, TypeError, AttributeError) as reason:
        raise InvalidInputError(
            f"{path} must be a JSON file that maps words to ids. Got {reason}."
        ) from reason
    if not complete:
        raise InvalidInputError(f"{path} must give the ids 0, 1, 2, … once each.")
    return words
