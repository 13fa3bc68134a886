"""Concepts from the free text of a vision-language model, whatever shape its list has.

A refusal, a sentence or "no difference" never becomes a concept: what is not clearly a word or a short
phrase is dropped.
"""

import re
from dataclasses import dataclass

from finexl.refusals import refuses, says_no_difference
from finexl.replies.lists import MAX_LETTERS, MAX_WORDS, QUOTES, answer_in, is_placeholder, items_of
from finexl.replies.markup import visible_text
from finexl.replies.thoughts import without_fences
from finexl.replies.written_json import is_cut, is_cut_xml

MAX_CONCEPTS = 60
"""What a reply names beyond this is not a list that anybody asked for, and is only counted."""
LEFT_OUT = "n_words_left_out"
"""What an explanation notes: how many words stood beyond the first `MAX_CONCEPTS` of a reply."""
BEYOND = f"words left out that stood beyond the first {MAX_CONCEPTS} of a reply"

_ENDS = QUOTES + ".!?:…"
_SENTENCE = re.compile(
    r"^(?:i|i'm|we|it|it's|they|he|she|you|this|that|these|those|there|here|both|sure|certainly|of course|"
    r"yes|no|okay|ok|please|let me|feel free|hope (?:this|that|it)|unfortunately|answer|however|both images|"
    r"(?:the )?(?:first|second|base|personalized) images?|happy to|would you|do you|great (?:question|pair)|"
    r"absolutely|overall|note|in (?:summary|short|conclusion)|if you)\b"
)
_TITLE = re.compile(
    r"^(?:(?:the|key|main|notable|visible|visual|observed|style|stylistic) )*"
    r"(?:differences?|concepts?|styles?|changes?|properties|adjectives?|answer|output|list)$"
)
_NO_WORD = re.compile(
    r"nan|undefined|nil|object object|redacted|null|string|array|object|assistant|user|system|reasoning|thinking|"
    r"thoughts?|image ?(?:\d|one|two)|yes|tbd|todo|lorem ipsum.*"
)
"""What programs and templates leave in place of a word."""
_OUTAGE = re.compile(
    r"(?:(?:http )?(?:error )?[45]\d\d )?(?:internal server error|bad gateway|service unavailable|gateway time-?out|"
    r"not found|forbidden|unauthori[sz]ed|bad request|too many requests|nginx(?:/\S+)?)|"
    r"(?:rate|request|token|usage|quota) ?limit (?:was )?(?:exceeded|reached)|quota exceeded|"
    r"(?:the )?(?:server|model|service|engine) (?:is |was )?(?:currently |temporarily )?"
    r"(?:busy|overloaded|unavailable|loading|not ready|at capacity|down)|"
    r"(?:connection|request|upstream|read|server) (?:timed? ?out|timeout|reset|refused|closed|error|failed)"
    r"(?: by peer)?|(?:please )?try again(?: later)?|just a moment|checking your browser|sign in|log in|page not found",
    re.IGNORECASE,
)
"""What a gateway says, and no model of pictures."""
_PAGE = re.compile(
    r"\s*(?:<!doctype html[^>]*>\s*)?<html\b[^>]*>\s*<head\b.{0,2000}?<title\b",
    re.DOTALL | re.IGNORECASE,
)
_ECHO = re.compile(r"you see images in pairs|write nothing but the list|separated by commas", re.IGNORECASE)
"""Words of the question: a model that repeats it names our examples and not what it saw."""
_STEERING = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
"""Colours of a terminal."""
_EMPTY_LIST = re.compile(r"\[\s*\]")
_SCORE = re.compile(r"\s+\d+(?:[.,]\d+)?\s*(?:%|(?:/|out of)\s*10)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConceptList:
    """What one reply named, and how the reading ended: ok, none, refused, empty, cut, unparsable, timeout or failed.

    `none` is an answer: the reply says that there is nothing to name. `empty` is a reply without words, and `cut` one
    that ends within its list: how much is missing, nobody knows.
    """

    concepts: tuple[str, ...]
    outcome: str
    n_left_out: int = 0
    """How many more it named, beyond `MAX_CONCEPTS`."""


def parse_concepts(text: str) -> tuple[str, ...]:
    """The concepts in a reply: lower-case, stripped, without repeats, in first-seen order.

    >>> parse_concepts("1. **Vivid**\\n2. Film grain, vivid")
    ('vivid', 'film grain')
    """
    return read_concepts(text).concepts


def read_concepts(text: str) -> ConceptList:
    """The concepts in a reply, and where there are none, why."""
    own = without_fences(_STEERING.sub("", text))
    clean = visible_text(own)
    if refuses(clean):
        return ConceptList(concepts=(), outcome="refused")
    if _ECHO.search(clean):
        return ConceptList(concepts=(), outcome="unparsable")
    if (is_cut(clean) or is_cut_xml(own)) and clean.strip(_ENDS + "\n"):
        return ConceptList(concepts=(), outcome="cut")
    answer = visible_text(answer_in(own))
    tidy = [_tidy(item) for item in items_of(answer)]
    if any(map(_OUTAGE.fullmatch, tidy)):
        return ConceptList(concepts=(), outcome="unparsable")
    named = dict.fromkeys(filter(_is_concept, tidy))
    if meant := [item for item in named if not refuses(item)]:
        kept = tuple(meant[:MAX_CONCEPTS])
        return ConceptList(concepts=kept, outcome="ok", n_left_out=len(meant) - len(kept))
    if named and not says_no_difference(answer):
        return ConceptList(concepts=(), outcome="refused")
    if _EMPTY_LIST.search(answer) or says_no_difference(answer):
        return ConceptList(concepts=(), outcome="none")
    return ConceptList(concepts=(), outcome="unparsable" if answer.strip(_ENDS + "\n") else "empty")


def says_outage(text: str) -> bool:
    """Whether a whole reply is what a gateway says, or its page.

    >>> says_outage("502 Bad Gateway"), says_outage("a gateway, forbidden")
    (True, False)
    """
    bare = visible_text(text) if text.lstrip()[:1] == "<" else text
    return bool(_PAGE.match(text) or _OUTAGE.fullmatch(bare.strip(_ENDS + "\n")))


def is_sentence(item: str) -> bool:
    """Whether an item in lower case begins as somebody speaks to the reader."""
    return bool(_SENTENCE.match(item))


def _tidy(item: str) -> str:
    words = " ".join(item.lower().split()).strip(_ENDS)
    return _SCORE.sub("", re.sub(r"^(?:and|or|&|as well as|also)\s+", "", words)).strip(_ENDS)


def _is_concept(item: str) -> bool:
    return (
        any(letter.isalpha() for letter in item)
        and len(item) <= MAX_LETTERS
        and len(item.split()) <= MAX_WORDS
        and not is_sentence(item)
        and not _TITLE.match(item)
        and not is_placeholder(item)
        and not _NO_WORD.fullmatch(item)
        and not says_no_difference(item)
    )
