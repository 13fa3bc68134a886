"""An oracle replaces one part and leaves the evidence alone."""

import numpy as np
import pytest

from benchmark.read.readers import LexiconReader
from benchmark.tune.oracles import (
    ORACLES,
    decomposed,
    grouped,
    told_by_the_vlm,
    with_oracle,
    words_of_the_corpus,
)
from benchmark.tune.study import Material, Models, Study
from finexl.robust.evidence import Evidence
from finexl.robust.explaining import Embedded

WORDS = ("vivid", "colorful", "dark", "boat")
"""The first two are synonyms in the world, and the last is no style."""


def embedded() -> Embedded:
    chance = np.random.default_rng(0)
    evidence = Evidence(base=chance.normal(size=(8, 5)), tuned=chance.normal(size=(8, 5)))
    return Embedded(evidence=evidence, words=WORDS, vectors=np.eye(4, 5), encoder="e")


def test_the_vlm_names_what_changed_and_nothing_else() -> None:
    assert told_by_the_vlm(embedded(), ["dark"], WORDS).answers == (frozenset({"dark"}),)


def test_no_word_is_known_but_those_of_the_corpus() -> None:
    model = words_of_the_corpus(embedded(), [], ["dark", "vivid"])
    assert list(model.words) == ["vivid", "dark"] and (model.vectors == np.eye(4, 5)[[0, 2]]).all()


def test_synonyms_have_one_vector_and_other_words_keep_theirs() -> None:
    vectors = grouped(embedded(), [], WORDS).vectors
    assert (vectors[0] == vectors[1]).all() and (vectors[2:] == np.eye(4, 5)[2:]).all()


def test_the_fit_has_only_what_changed_to_choose_from() -> None:
    assert list(decomposed(embedded(), ["dark"], WORDS).words) == ["dark"]


def test_where_nothing_changed_the_fit_is_told_nothing() -> None:
    assert list(decomposed(embedded(), [], WORDS).words) == list(WORDS)


@pytest.mark.parametrize("name", ORACLES)
def test_models_keep_their_order_and_their_images(name: str) -> None:
    models = [embedded(), embedded()]
    material = Material(
        lattices=[Models(id="g", aspects=("vivid", "dark"), truths=[(0, 1), (1, 0)], models=models)],
        ladders=[],
    )
    study = Study(
        trained=material, painted=material, overlaid=material, unchanged=models[:1], nameless=models[1:],
        reader=LexiconReader(dict.fromkeys(WORDS, ())), corpus_aspects=WORDS,
    )  # fmt: skip
    (replaced,) = with_oracle(study, ORACLES[name]).trained.lattices
    assert [one.evidence for one in replaced.models] == [one.evidence for one in models]
