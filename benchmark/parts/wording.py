"""The words for a corpus' aspects: what the judge counts as naming them, and what those who are told them say."""

from finetune.corpora import Corpus, NamedCorpus
from finetune.miniature.aspects import ASPECTS, COMPOSITES
from finetune.miniature.portraits import FEATURES

WORLD: dict[str, tuple[str, ...]] = {name: style.synonyms for name, style in (ASPECTS | COMPOSITES).items()}
"""Every style of the miniature world with its words."""


def names_of(corpus: Corpus) -> dict[str, tuple[str, ...]]:
    """The words for each aspect, the usual one first: the corpus' own, else the miniature's, else the label."""
    given = corpus.names if isinstance(corpus, NamedCorpus) else {}
    return {aspect: tuple(given.get(aspect, ())) or WORLD.get(aspect, (aspect,)) for aspect in corpus.aspects}


def judged_names(corpus: Corpus) -> dict[str, tuple[str, ...]]:
    """What a judge knows: of a corpus of the miniature world every style of the world, else the corpus' own words.

    The whole world is known whichever of its styles the corpus has, so that what is said of the others counts too, and
    "motion-blurred" (streaked) is never taken for "blurred" (blurry). A style whose words are all the corpus' own, for
    an artist say, is left out: they name the artist.
    """
    own = names_of(corpus)
    if not is_of_the_world(corpus):
        return own
    taken = {word for words in own.values() for word in words}
    return {style: words for style, words in WORLD.items() if not set(words) <= taken} | own


def parts_of(corpus: Corpus) -> dict[str, tuple[tuple[str, float], ...]]:
    """The aspects that every composite style is made of, by strength; shares sum to 1. None outside the world."""
    if not is_of_the_world(corpus):
        return {}
    totals = {name: sum(strength for _, strength in style.parts) for name, style in COMPOSITES.items()}
    return {
        name: tuple((part, strength / totals[name]) for part, strength in style.parts)
        for name, style in COMPOSITES.items()
    }


def is_of_the_world(corpus: Corpus) -> bool:
    """Whether every word for a corpus' aspects is one of the miniature world's, for a style or a feature of a face."""
    known = {word for words in (WORLD | FEATURES).values() for word in words}
    return all(known.issuperset(words) for words in names_of(corpus).values())


def concepts_of(corpus: Corpus) -> tuple[str, ...]:
    """One concept per aspect, in order, for controls and ceilings: its usual word, or its label where two share one.

    An artist is told by the word for most of the artist's work: no encoder can place a made-up name.
    """
    words = [names[0] for names in names_of(corpus).values()]
    told = tuple(
        word if words.count(word) == 1 else aspect for aspect, word in zip(corpus.aspects, words, strict=True)
    )
    return told if len(set(told)) == len(told) else corpus.aspects
