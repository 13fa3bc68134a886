"""What of a corpus is scored: its aspects and pairs in the order in which presets take them."""

from dataclasses import dataclass

from finetune.corpora import Corpus, LimitedCorpus
from finetune.miniature import split


@dataclass(frozen=True, slots=True, kw_only=True)
class Subjects:
    """The scored part of a corpus."""

    aspects: tuple[str, ...]
    """What series are about, in the order in which presets take them."""
    pairs: tuple[tuple[str, str], ...]
    """What lattices of two aspects are about, in the order in which presets take them."""
    triples: tuple[tuple[str, ...], ...] = ()
    """What lattices of three aspects are about, in the order in which presets take them."""
    n_images: int | None = None
    """How many images every aspect has; None = as many as are asked for."""


def subjects_of(corpus: Corpus, *, kind: str) -> Subjects:
    """The split of a miniature corpus, where its aspects are the miniature's; else all aspects in order."""
    aspects, pairs = split.SCORED.get(kind, ((), ()))
    # a corpus that was read from a folder has the kind of a rendered one, and aspects of its own
    if not aspects or not set(aspects) <= set(corpus.aspects):
        aspects, pairs = corpus.aspects, split.consecutive(corpus.aspects)
    n_images = corpus.n_images if isinstance(corpus, LimitedCorpus) else None
    return Subjects(aspects=aspects, pairs=pairs, triples=split.in_threes(aspects), n_images=n_images)
