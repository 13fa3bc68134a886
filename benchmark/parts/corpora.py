"""Corpora: where training images, captions and probe prompts come from; `finetune.corpora.kinds` has a row for each."""

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

from benchmark.parts.keys import under
from benchmark.parts.table import Part
from finetune.corpora import Corpus
from finetune.corpora.kinds import CORPORA as KINDS
from finetune.corpora.kinds import CorpusSettings

CORPORA: Mapping[str, Part] = {
    kind: Part(row.opened_by, settings=row.settings, about=row.about) for kind, row in KINDS.items()
}
"""Every kind of corpus, as a choice of a run."""


def with_folder(kind: str) -> str:
    """The kind that is meant where a folder is given: WikiArt with a folder is the real one."""
    return (KINDS[kind].with_folder if kind in KINDS else None) or kind


def without_folder(kind: str) -> str:
    """The kind of the miniature world that stands in for a real one; the kind itself, where none does."""
    return next((each for each, row in KINDS.items() if row.with_folder == kind), kind)


def open_corpus(given: CorpusSettings, *, store: Path) -> Corpus:
    """The corpus of settings; what is large is read when it is first needed."""
    from finetune.corpora import opening

    with under("corpus", (*(each.name for each in fields(given)), "store")):
        return opening.open_corpus(given, store=store)
