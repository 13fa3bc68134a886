"""The words for a corpus' aspects: what the judge counts as naming them, and what those who are told them say."""

from finetune.corpora import Corpus, NamedCorpus
from finetune.miniature.aspects import ASPECTS, COMPOSITES

WORLD: dict[str, tuple[str, ...]] = {name: style.synonyms for name, style in (ASPECTS | COMPOSITES).items()}
"""Every style of the miniature world with its words."""


def names_of(corpus: Corpus) -> dict[str, tuple[str, ...]]:
    """The words for each aspect, the usual one first: the corpus' own, else the miniature's, else the label."""
    given = corpus.names if isinstance(corpus, NamedCorpus) else {}
    return {aspect: tuple(given.get(aspect, ())) or WORLD.get(aspect, (aspect,)) for aspect in corpus.aspects}


def judged_names(corpus: Corpus) -> dict[str, tuple[str, ...]]:
    """What the judge knows: the corpus' words, and every style of the miniature world beside them.

    So "motion-blurred" (streaked) is never taken for "blurred" (blurry), whichever of them the corpus has. A word
    of both names both; only what is asked about is read.
    """
    return WORLD | names_of(corpus)


def concepts_of(corpus: Corpus) -> tuple[str, ...]:
    """One concept per aspect, in order, for controls and ceilings: its usual word, or its label where two share one.

    An artist is told by the word for most of the artist's work: no encoder can place a made-up name.
    """
    words = [names[0] for names in names_of(corpus).values()]
    told = tuple(
        word if words.count(word) == 1 else aspect for aspect, word in zip(corpus.aspects, words, strict=True)
    )
    return told if len(set(told)) == len(told) else corpus.aspects
