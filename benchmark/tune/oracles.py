"""One part of the robust explainer at a time replaced with its oracle: what is missed, and by which part.

The oracle of the generator is the painter, whose models the table has beside the trained ones; that of the reader is
not needed, since words of the world's dictionary are always read as meant.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from benchmark.tune.study import Material, Models, Study
from finetune.miniature.aspects import ASPECTS, COMPOSITES
from finetune.miniature.vocabulary import synonyms

if TYPE_CHECKING:
    from finexl.robust.explaining import Embedded

Oracle = Callable[["Embedded", Sequence[str], Sequence[str]], "Embedded"]
"""(model, aspects that changed, aspects of the corpus) to what an explainer with the oracle would work on."""


def told_by_the_vlm(model: "Embedded", changed: Sequence[str], corpus: Sequence[str]) -> "Embedded":
    """Every answer names what changed and nothing else."""
    return replace(model, answers=(frozenset(changed),))


def words_of_the_corpus(model: "Embedded", changed: Sequence[str], corpus: Sequence[str]) -> "Embedded":
    """No word is known but the aspects of the corpus."""
    return _with_words(model, corpus)


def grouped(model: "Embedded", changed: Sequence[str], corpus: Sequence[str]) -> "Embedded":
    """What the world calls synonyms has one vector, the mean of all, so that the encoder cannot take it apart."""
    vectors = model.vectors.copy()
    for style in (*ASPECTS, *COMPOSITES):
        rows = [row for row, word in enumerate(model.words) if word in synonyms(style)]
        if rows:
            vectors[rows] = model.vectors[rows].mean(axis=0)
    return replace(model, vectors=vectors)


def decomposed(model: "Embedded", changed: Sequence[str], corpus: Sequence[str]) -> "Embedded":
    """The fit knows which aspects changed and has their amounts to find; where nothing did it knows no more."""
    return _with_words(model, changed) if changed else model


ORACLES: Mapping[str, Oracle] = {
    "a VLM that names what changed": told_by_the_vlm,
    "the corpus' aspects as only words": words_of_the_corpus,
    "synonyms grouped by the world": grouped,
    "a fit that knows which aspects changed": decomposed,
}
"""Rows of the table."""


def with_oracle(found: Study, oracle: Oracle) -> Study:
    """The same models with one part replaced."""

    def of(one: Models) -> Models:
        models = [
            oracle(
                model,
                [name for name, level in levels.items() if level],
                found.corpus_aspects,
            )
            for model, levels in zip(one.models, one.levels, strict=True)
        ]
        return replace(one, models=models)

    def material(kind: Material) -> Material:
        return Material(lattices=[*map(of, kind.lattices)], ladders=[*map(of, kind.ladders)])

    return replace(
        found,
        trained=material(found.trained),
        painted=material(found.painted),
        overlaid=material(found.overlaid),
        unchanged=[oracle(one, (), found.corpus_aspects) for one in found.unchanged],
        nameless=[oracle(one, (), found.corpus_aspects) for one in found.nameless],
    )


def _with_words(model: "Embedded", words: Sequence[str]) -> "Embedded":
    rows = [row for row, word in enumerate(model.words) if word in words]
    return replace(
        model, words=[model.words[row] for row in rows], vectors=model.vectors[np.array(rows, dtype=np.int64)]
    )
