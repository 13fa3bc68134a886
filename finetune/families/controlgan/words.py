r"""Captions as the indices of their words: lower case, letters and digits (`\w+`), unknown words left out.

So does the reference. It draws a random part of too long a caption anew each time; here its end is cut off,
so that a caption has one reading.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from finexl.errors import InvalidInputError

RECIPE = "import json, pickle; json.dump(pickle.load(open('captions.pickle', 'rb'))[3], open('vocabulary.json', 'w'))"
"""Makes the JSON of the published words. Opening a pickle runs what it holds, so that is left to whoever trusts it."""
END = "<end>"
"""Index 0: fills captions up."""
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """The words that a text encoder knows, by index."""

    index: Mapping[str, int]

    def __post_init__(self) -> None:
        if self.index.get(END) != 0 or sorted(self.index.values()) != list(range(len(self.index))):
            raise InvalidInputError(
                f"A vocabulary must number its words from 0 without gaps, with {END!r} at 0. "
                f"Got {len(self.index)} words with {END!r} at {self.index.get(END)!r}."
            )

    def __len__(self) -> int:
        return len(self.index)

    def read(self, caption: str, *, length: int) -> tuple[int, ...]:
        """Indices of the caption's first `length` known words; a caption without any is an error."""
        known = [self.index[word] for word in words_of(caption) if self.index.get(word)]
        if not known:
            raise InvalidInputError(
                "A caption must have at least one word that the text encoder knows. "
                f"Got {caption!r}. It knows {', '.join(sorted(self.index)[:8])}, ... ({len(self)} words)."
            )
        return tuple(known[:length])


def words_of(caption: str) -> list[str]:
    """The words of a caption, known or not."""
    return [
        word
        for word in (w.encode("ascii", "ignore").decode() for w in _WORD.findall(caption.lower()))
        if word
    ]


def vocabulary_of(captions: Iterable[str]) -> Vocabulary:
    """Every word of the captions, in alphabetic order after the padding."""
    words = sorted({word for caption in captions for word in words_of(caption)})
    return Vocabulary(index={END: 0} | {word: number for number, word in enumerate(words, start=1)})


def read_vocabulary(path: Path) -> Vocabulary:
    """From a JSON file: a mapping of words to indices, one of indices to words, or a list in their order.

    Raises:
        InvalidInputError: The file is none of these, or numbers its words with gaps.
    """
    try:
        stored = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as reason:
        raise InvalidInputError(
            f"A vocabulary must be a readable JSON file. Got {str(path)!r}: {reason}. The published "
            "`captions.pickle` is not opened here, since a pickle runs what it holds; if you trust yours, make the "
            f'JSON with: python -c "{RECIPE}"'
        ) from reason
    return Vocabulary(index=_index_of(stored, path))


def write_vocabulary(path: Path, vocabulary: Vocabulary) -> None:
    """As a JSON mapping of words to indices."""
    path.write_text(json.dumps(dict(vocabulary.index), indent=1), encoding="utf-8")


def _index_of(stored: object, path: Path) -> dict[str, int]:
    match stored:
        case [*words] if all(isinstance(word, str) for word in words):
            return {word: number for number, word in enumerate(words)}
        case dict() if all(isinstance(word, str) and number.isdecimal() for number, word in stored.items()):
            return {word: int(number) for number, word in stored.items()}
        case dict() if all(type(number) is int for number in stored.values()):
            return dict(stored)
    raise InvalidInputError(
        "A vocabulary must be a list of words, or a mapping between words and whole numbers. "
        f"Got something else in {str(path)!r}. Of `captions.pickle` it is the fourth entry alone."
    )
