"""Words for aspects: what the judge knows and what those who are told them say."""

from functools import cache

import numpy as np
import pytest
from planning import CORPORA

from benchmark.parts.wording import concepts_of, judged_names, names_of, parts_of
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
    return LexiconReader(judged_names(corpus), parts=parts_of(corpus))


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
    assert read(Shared(), ("dutch", 0.6), about="van gogh").values == (0.3,)
    assert read(Shared(), ("dutch", 0.6), about="night").values == (0.3,)
    assert read(Shared(), ("dutch", 0.6), about="night").named is None


def test_aspects_that_share_their_usual_word_are_told_by_their_labels() -> None:
    assert concepts_of(Shared()) == ("van gogh", "night", "vivid")


def test_words_of_styles_that_the_corpus_lacks_are_not_mistaken_for_its_own() -> None:
    assert read(CORPORA["synthetic"], ("motion-blurred", 1.0), about="blurry").values == (0.0,)


@pytest.mark.parametrize("kind", CORPORA)
def test_the_whole_world_is_known_of_its_corpora(kind: str) -> None:
    (claim,) = read(CORPORA[kind], ("embossed", 1.0), about=CORPORA[kind].aspects[0]).claims
    assert claim.aspects == (("embossed", 1.0),)


def test_of_other_corpora_only_their_own_words_are_known() -> None:
    assert set(judged_names(Pictures())) == set(Pictures.aspects) and parts_of(Pictures()) == {}


def test_parts_of_composite_styles_sum_to_one() -> None:
    parts = parts_of(CORPORA["synthetic"])
    assert all(sum(share for _, share in shares) == pytest.approx(1) for shares in parts.values())
    assert dict(parts["vintage"]) == {"sepia": 0.375, "grainy": 0.25, "vignetted": 0.375}


def test_vintage_is_read_as_its_parts_and_in_a_corpus_that_has_it_as_itself() -> None:
    assert read(CORPORA["synthetic"], ("retro", 0.8), about="sepia").values == pytest.approx((0.3,))
    assert read(CORPORA["style_transfer"], ("retro", 0.8), about="vintage").values == (0.8,)
    assert read(CORPORA["style_transfer"], ("retro", 0.8), about="sepia").values == pytest.approx((0.3,))


def test_the_words_of_an_artist_name_the_artist_alone() -> None:
    (claim,) = read(CORPORA["wikiart"], ("retro", 0.8), about="Aldova").claims
    assert claim.aspects == (("Aldova", 1.0),)
