"""From labels to English: what an aspect is called, and whether a caption names it."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress

from finexl.errors import InvalidInputError, unknown_name
from finexl.notices import MAX_EXAMPLES, Notice

_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]"
)
"""Letters of scripts that write no spaces between words, or hang endings on them."""
_WORD = re.compile(r"[^\W_]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
Names = Mapping[str, tuple[str, ...]]


def repaired(label: str) -> str:
    """A label whose UTF-8 was once read as Latin-1, as it was meant: "joaquÃ\xadn" is "joaquín".

    Also where it was put into lower case afterwards ("joaquã\xadn", as an artist of huggan/wikiart).
    """
    for candidate in (label, label.replace("ã", "Ã").replace("â", "Â")):
        for encoding in ("latin-1", "cp1252"):
            with suppress(UnicodeError):
                return candidate.encode(encoding).decode("utf-8")
    return label


def english(label: str) -> str:
    """A label as words: "vincent-van-gogh" and "Abstract_Expressionism" with spaces."""
    return " ".join(re.split(r"[\s_-]+", label.strip("_- \t\n")))


def names_of(aspects: Sequence[str], given: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """The words for each aspect: those given, or the label itself in words."""
    for aspect, words in given.items():
        if aspect not in aspects:
            raise unknown_name("names", aspect, aspects)
        if isinstance(words, str) or not words or not all(word.strip() for word in words):
            raise InvalidInputError(
                f"`names` of an aspect must be a list of words. Got {words!r} for {aspect!r}."
            )
    return {aspect: tuple(given.get(aspect) or (english(aspect) or aspect,)) for aspect in aspects}


def unclear_names(names: Names) -> list[Notice]:
    """What is to be told of aspects that no reader can tell apart, or can find at all."""
    said: dict[tuple[str, ...], list[str]] = {}
    for aspect, words in names.items():
        for one in dict.fromkeys(tuple(_WORD.findall(_folded(word))) for word in words):
            said.setdefault(one, []).append(aspect)
    silent = [aspect for aspect, words in names.items() if not any(map(_WORD.search, words))]
    alike = [" and ".join(aspects) for words, aspects in said.items() if words and len(aspects) > 1]
    kinds = (
        (alike, "labels with the same words, which no reader tells apart; give corpus.names"),
        (silent, "labels without a word, which no reader finds; give corpus.names"),
    )
    return [
        Notice(what="corpus", how=how, n=len(found), examples=tuple(found[:MAX_EXAMPLES]))
        for found, how in kinds
        if found
    ]


def _folded(word: str) -> str:
    """A word as readers see it: of letters that look alike one, in lower case."""
    return unicodedata.normalize("NFKC", word).casefold()


def pattern(words: Iterable[str]) -> re.Pattern[str]:
    """Finds any of `words` as whole words, whatever their case and hyphens; no words match nothing."""
    spellings = [_spelling(english(word) or word) for word in words]
    return re.compile("|".join(spellings) if spellings else r"(?!)", re.IGNORECASE)


def _spelling(word: str) -> str:
    """A word as a pattern; in scripts without spaces it may stand within what looks like a longer word."""
    spelling = r"[\s_-]+".join(map(re.escape, word.split())) or re.escape(word)
    return spelling if _UNSPACED.search(word) else rf"(?<!\w)(?:{spelling})(?!\w)"


def one_line(text: str) -> str:
    """A text of strangers as valid Unicode in its composed form, with single spaces and no control characters."""
    valid = text.encode("utf-8", errors="replace").decode("utf-8")
    return " ".join(_CONTROL.sub(" ", unicodedata.normalize("NFC", valid)).split())


def cut(text: str, *, longest: int) -> str:
    """A text for people, which ends with dots where it is cut."""
    return text if len(text) <= longest else f"{text[:longest]}..."


def first_caption(cell: object) -> str | None:
    """The first caption in a cell: a text, a list of texts, or COCO's list of {"raw": text}; None if empty."""
    match cell:
        case str():
            return one_line(cell) or None
        case {"raw": str(text)} | {"text": str(text)} | {"caption": str(text)}:
            return first_caption(text)
        case [first, *rest]:
            return first_caption(first) or first_caption(rest)
        case _:
            return None
