"""Words for aspects: what the judge knows and what those who are told them say."""

from functools import cache

import numpy as np
import pytest
from planning import CORPORA

from benchmark.parts.wording import concepts_of, judged_names, names_of
from benchmark.read.readers import LexiconReader
from finetune.corpora.wikiart import ARTISTS
from finexl.values import Claim, ScoredExplanation


class Pictures:
    """A corpus of one's own, whose words are its labels."""

    id = "mine"
    aspects = ("van gogh", "night", "vivid")

    def images(self, aspect: str, n: int, seed: int):
        return np.zeros((n, 8, 8, 3), np.uint8), ("x",) * n

    def prompts(self, n: int, seed: int) -> tuple[str, ...]:
        return ("x",) * n


class Shared(Pictures):
    """A corpus of which two aspects share their words."""

    @property
    def names(self) -> dict[str, tuple[str, ...]]:
        return {"van gogh": ("dutch",), "night": ("dutch", "dark"), "vivid": ("vivid",)}


@cache
def judge_of(corpus) -> LexiconReader:
    return LexiconReader(judged_names(corpus))


def read(corpus, *concepts: tuple[str, float], about: str):
    explanation = ScoredExplanation(
        claims=tuple(Claim(concept=words, amount=score) for words, score in concepts)
    )
    return judge_of(corpus).read_levels(explanation, (about,), corpus_aspects=corpus.aspects)


@pytest.mark.parametrize("kind", CORPORA)
def test_every_aspect_is_found_by_the_concept_that_is_told_of_it(kind: str) -> None:
    corpus = CORPORA[kind]
    for aspect, concept in zip(corpus.aspects, concepts_of(corpus), strict=True):
        assert read(corpus, (concept, 0.5), about=aspect).values == (0.5,)
        assert read(corpus, (concept, 0.5), about=aspect).named == aspect


@pytest.mark.parametrize("kind", CORPORA)
def test_concepts_are_different_words(kind: str) -> None:
    assert len(set(concepts_of(CORPORA[kind]))) == len(CORPORA[kind].aspects)


def test_an_artist_is_named_by_the_style_of_most_of_the_work_and_by_name() -> None:
    corpus = CORPORA["wikiart"]
    artist = corpus.aspects[0]
    style = ARTISTS[artist].styles[0][0]
    assert concepts_of(corpus)[0] == style
    assert read(corpus, (style, 0.3), (artist, 0.4), about=artist).values == pytest.approx((0.7,))


def test_features_are_named_by_their_synonyms() -> None:
    assert read(CORPORA["portraits"], ("Spectacles", 0.4), about="glasses").values == (0.4,)


def test_labels_are_the_words_of_a_corpus_that_gives_none() -> None:
    assert names_of(Pictures())["van gogh"] == ("van gogh",)
    assert "vibrant" in names_of(Pictures())["vivid"]


def test_a_word_of_two_aspects_says_something_of_both_and_names_neither_alone() -> None:
    assert read(Shared(), ("dutch", 0.6), about="van gogh").values == (0.6,)
    assert read(Shared(), ("dutch", 0.6), about="night").values == (0.6,)
    assert read(Shared(), ("dutch", 0.6), about="night").named is None


def test_aspects_that_share_their_usual_word_are_told_by_their_labels() -> None:
    assert concepts_of(Shared()) == ("van gogh", "night", "vivid")


def test_words_of_styles_that_the_corpus_lacks_are_not_mistaken_for_its_own() -> None:
    assert read(CORPORA["synthetic"], ("motion-blurred", 1.0), about="blurry").outcome == "unmatched"
