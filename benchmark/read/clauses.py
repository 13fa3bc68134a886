"""A text as lines of sentences, and sentences as clauses that each say one thing.

Explanations come as prose, lists, tables and JSON, which are brought to one form first (`benchmark.read.one_form`).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from benchmark.read.degrees import NUMBER, RATING, bounded, rated, scale_of
from benchmark.read.lexicon import Lexicon
from benchmark.read.one_form import one_form
from benchmark.read.polarity import is_of_base

Kind = Literal["word", "mark", "number", "rating", "name", "end"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A word, a mark, a number, or several words that name an aspect."""

    kind: Kind
    text: str
    value: float = 0.0
    """What a number or rating says, from -10 to 10."""
    aspects: tuple[str, ...] = ()
    """What a name names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """What stands between two marks or conjunctions."""

    joiner: str
    """The mark or conjunction before it; "" begins a sentence."""
    tokens: tuple[Token, ...]

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(token.text for token in self.tokens if token.kind == "word")

    @property
    def names(self) -> tuple[int, ...]:
        """Places of tokens that name aspects."""
        return tuple(place for place, token in enumerate(self.tokens) if token.kind == "name")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of a text: an item of a list, a heading, or a paragraph."""

    sentences: tuple[tuple[Clause, ...], ...]
    is_item: bool = False
    is_heading: bool = False


_MOST = 20_000
"""Characters that are read of a text; nobody reads more on a card."""
_TABLE_RULE = re.compile(r"^[\s|:+=-]*$")
_BULLET = re.compile(
    r"^\s*(?:>+\s*)*(?P<bullet>[-+•·‣▪◦]\s+)?(?P<heading>#+\s+)?(?:\[[ x]?\]\s*)?"
    r"(?P<number>\(?(?:\d{1,2}|[a-z])[.)]\s+|(?:aspect|difference|change|style|item|point|number|no\.?|#)\s*#?\d{1,2}\s*[:.)-]\s*|"
    r"\d{1,2}\s*[-:]\s+(?=[a-z]))?",
    re.IGNORECASE,
)
_INLINE_NUMBER = re.compile(r"(?<=[\w.,;:])\s+\(?\d{1,2}\)\s+(?=[a-z])", re.IGNORECASE)
_FIRST = re.compile(r"(?:^|\s)\(?1\)\s")
_ASIDES = "confidence|certainty|probability|likelihood|id|index|rank|ranking|order|priority|frequency|p-value"
"""Fields whose number is no degree."""
_TOKEN = re.compile(
    rf"(?P<aside>\b(?:{_ASIDES})\s*[:=(]?\s*{NUMBER}(?:\s*%|\s*/\s*\d+)?|{NUMBER}\s*%\s*(?:confiden\w+|certain|sure)\b)"
    rf"|(?P<rating>{RATING.pattern})"
    rf"|(?P<times>{NUMBER}\s*(?:x\b|×|times\b)|(?:×|\bx)\s*{NUMBER})"
    rf"|(?P<number>(?:(?<=[\s(:=|])[+-])?(?<![\w.]){NUMBER}(?:\s*(?:-|to)\s*{NUMBER})?(?![\w%]|-[^\W\d]|\.\d))"
    r"|(?P<word>[^\W_]+(?:'[^\W\d_]+)?)"
    r"|(?P<end>[.!?]+(?=\s|$))"
    r"|(?P<mark>(?<=\s)-+(?=\s|$)|--+|[,;:=()|/&+])",
    re.IGNORECASE,
)
_CONJUNCTIONS = frozenset([
    "and", "or", "nor", "but", "while", "whereas", "although", "though", "however", "yet", "except", "plus",
    "with", "because", "since", "which",
])  # fmt: skip
_BEFORE_WITH = frozenset(["compared", "comparison", "contrast", "line", "keeping"])
"""Behind these "with" begins nothing new."""


def lines(text: str, lexicon: Lexicon) -> tuple[Line, ...]:
    """The lines of a text that say something, with the names that a lexicon finds in them.

    >>> [clause.words for clause in lines("Very old, *not* new.", Lexicon({}))[0].sentences[0]]
    [('very', 'old'), ('not', 'new')]
    """
    scale, unscaled = scale_of(one_form(text[:_MOST]))
    found = []
    for raw in _rows(unscaled):
        bullet = _BULLET.match(raw)
        assert bullet is not None  # every part of it is optional
        body = raw[bullet.end() :]
        if bullet["number"] or _FIRST.search(body):
            body = _INLINE_NUMBER.sub(" ; ", body)
        every = (_clauses(sentence) for sentence in _sentences(_tokens(body, scale), lexicon))
        sentences = tuple(clauses for clauses in every if clauses)
        if sentences:
            found.append(
                Line(
                    sentences=sentences,
                    is_item=bool(bullet["bullet"] or bullet["number"]),
                    is_heading=bool(bullet["heading"]) or body.rstrip().endswith(":"),
                )
            )
    return tuple(found)


def _rows(text: str) -> Iterator[str]:
    """Lines; of a table with a column for the base and one for the personalized images, rows say the change."""
    columns: list[bool | None] = []
    for line in text.split("\n"):
        if line.count("|") < 2:
            columns = []
            if line.strip(" \t,"):
                yield line
            continue
        if _TABLE_RULE.match(line):
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        subjects = [is_of_base(tuple(re.findall(r"[a-z]+", cell.lower()))) for cell in cells]
        if {True, False} <= set(subjects):
            columns = subjects
            continue
        if columns and len(cells) == len(columns):
            old, new = cells[columns.index(True)], cells[columns.index(False)]
            if all(re.fullmatch(rf"{NUMBER}(?:\s*/\s*10)?", cell) for cell in (old, new)):
                yield f"{cells[0]}: from {old} to {new}"
                continue
            yield f"base images: {old}"
            del cells[columns.index(True)]
        numbered = len(cells) > 1 and cells[0].strip("#.").isdigit()
        yield " | ".join(cells[1:] if numbered else cells)


def _tokens(body: str, scale: float) -> Iterator[Token]:
    for found in _TOKEN.finditer(body):
        text = found[0].lower()
        match found.lastgroup if found["rating"] is None else "rating":
            case "rating":
                part = RATING.fullmatch(found["rating"])
                if part is not None:
                    yield Token(kind="rating", text=text, value=rated(part))
            case "number":
                low, _, high = re.sub(r"\s*(?:-|to)\s*(?=[\d.])", " ", text.lstrip("+-")).partition(" ")
                middle = (float(low) + float(high or low)) / 2 * scale
                if middle <= 10:
                    yield Token(
                        kind="number", text=text, value=bounded(-middle if text.startswith("-") else middle)
                    )
            case "word":
                yield Token(kind="word", text=text)
            case "end":
                yield Token(kind="end", text=text)
            case "mark":
                yield Token(kind="mark", text="-" if text.startswith("-") else text)
            case _:  # neither "2.5 times" nor "confidence: 0.9" says how much
                pass


def _sentences(tokens: Iterator[Token], lexicon: Lexicon) -> Iterator[tuple[Token, ...]]:
    """Sentences with names in place of the words that name something."""
    sentence: list[Token] = []
    for token in (*tokens, Token(kind="end", text=".")):
        if token.kind != "end":
            sentence.append(token)
        elif sentence:
            yield tuple(_named(sentence, lexicon))
            sentence = []


def _named(sentence: Sequence[Token], lexicon: Lexicon) -> Iterator[Token]:
    place = 0
    while place < len(sentence):
        run = []
        for token in sentence[place : place + lexicon.longest]:
            if token.kind != "word":
                break
            run.append(token.text)
        length, aspects = lexicon.match(tuple(run))
        if aspects:
            yield Token(kind="name", text=" ".join(run[:length]), aspects=aspects)
        else:
            yield sentence[place]
        place += length


def _clauses(sentence: Sequence[Token]) -> tuple[Clause, ...]:
    """A sentence cut at marks and conjunctions; of several in a row the last counts, "and" of ", and"."""
    found: list[Clause] = []
    joiner, tokens, before = "", [], None
    for token in sentence:
        if not _begins(token, before):
            tokens.append(token)
        else:
            if tokens:
                found.append(Clause(joiner=joiner, tokens=tuple(tokens)))
            joiner = token.text if found else ""
            tokens = [Token(kind="word", text="not")] if token.text == "nor" else []
        before = token
    return (*found, Clause(joiner=joiner, tokens=tuple(tokens))) if tokens else tuple(found)


def _begins(token: Token, before: Token | None) -> bool:
    if token.text == "with" and before is not None and before.text in _BEFORE_WITH:
        return False
    return token.kind == "mark" or (token.kind == "word" and token.text in _CONJUNCTIONS)
