"""GSCLIP's generators: candidate sentences from templates filled by a dictionary, and from a language model.

As in arXiv 2206.15007; its templates, dictionary and negations are not published with code, so these are choices.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from baselines.settings import SelectorSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Something that may be truer of the personalized images."""

    concept: str
    """What it is about: a word of the dictionary, or a hypothesis."""
    sentences: tuple[str, ...]
    negations: tuple[str, ...]
    """One for each sentence."""


def rule_based(dictionary: Iterable[str], settings: SelectorSettings) -> tuple[Candidate, ...]:
    """Every word in every template."""
    return tuple(
        Candidate(
            concept=word,
            sentences=tuple(template.replace("{word}", word) for template in settings.templates),
            negations=tuple(template.replace("{word}", word) for template in settings.negations),
        )
        for word in dictionary
    )


def from_language_model(
    hypotheses: Sequence[str], *, besides: Sequence[Candidate] = ()
) -> tuple[Candidate, ...]:
    """Hypotheses as sentences, without those that another generator has."""
    known = {text for candidate in besides for text in (candidate.concept, *candidate.sentences)}
    return tuple(
        Candidate(concept=said, sentences=(said,), negations=(f"not {said}",))
        for said in dict.fromkeys(hypotheses)
        if said not in known
    )
