"""What a vision-language model's free text says: its concepts, its JSON, and its words without what is no answer."""

from finexl.replies.markup import visible_text
from finexl.replies.reading import (
    BEYOND,
    LEFT_OUT,
    MAX_CONCEPTS,
    MAX_LETTERS,
    MAX_WORDS,
    ConceptList,
    is_sentence,
    parse_concepts,
    read_concepts,
    says_outage,
)
from finexl.replies.thoughts import without_fences
from finexl.replies.written_json import is_cut, json_strings, json_values, mended, straight_quotes

__all__ = [
    "BEYOND",
    "LEFT_OUT",
    "MAX_CONCEPTS",
    "MAX_LETTERS",
    "MAX_WORDS",
    "ConceptList",
    "is_cut",
    "is_sentence",
    "json_strings",
    "json_values",
    "mended",
    "parse_concepts",
    "read_concepts",
    "says_outage",
    "straight_quotes",
    "visible_text",
    "without_fences",
]
