"""What is scored of each corpus, and in which order."""

from dataclasses import dataclass

import numpy as np
import pytest
from planning import CORPORA

from benchmark.plan.subjects import subjects_of
from finetune.corpora.style_transfer import STYLES
from finetune.corpora.synthetic import SyntheticCorpus
from finetune.corpora.wikiart import LARGEST
from finetune.miniature import split
from finetune.miniature.aspects import ASPECTS, COMPOSITES

MINIATURE = ("synthetic", "style_transfer", "wikiart")


def elementary(name: str) -> set[str]:
    return {part for part, _ in COMPOSITES[name].parts} if name in COMPOSITES else {name}


def kind_of(name: str) -> str:
    return ASPECTS[name].kind if name in ASPECTS else "composite"


@dataclass(frozen=True)
class Pictures:
    """A corpus of one's own."""

    id: str = "mine"
    aspects: tuple[str, ...] = ("c", "a", "b")
    n_images: int = 7

    def images(self, aspect: str, n: int, seed: int):
        return np.zeros((n, 8, 8, 3), np.uint8), ("x",) * n

    def prompts(self, n: int, seed: int) -> tuple[str, ...]:
        return ("x",) * n


@pytest.mark.parametrize("kind", MINIATURE)
def test_every_scored_aspect_and_pair_is_the_corpus_own(kind: str) -> None:
    found = subjects_of(CORPORA[kind], kind=kind)
    assert len(set(found.aspects)) == len(found.aspects) >= 15
    assert set(found.aspects) <= set(CORPORA[kind].aspects)
    assert {aspect for pair in found.pairs for aspect in pair} <= set(found.aspects)


def test_style_transfer_scores_every_style_that_nothing_was_tuned_on() -> None:
    found = subjects_of(CORPORA["style_transfer"], kind="style_transfer")
    assert set(found.aspects) == set(STYLES) - set(split.DEVELOPMENT_ASPECTS)


def test_style_transfer_pairs_share_no_elementary_aspect() -> None:
    pairs = subjects_of(CORPORA["style_transfer"], kind="style_transfer").pairs
    assert len(pairs) == 22
    assert not [pair for pair in pairs if elementary(pair[0]) & elementary(pair[1])]
    assert all(kind_of(one) != kind_of(other) for one, other in pairs[:15])


def test_wikiart_scores_its_fifteen_largest_artists_in_neighbouring_pairs() -> None:
    found = subjects_of(CORPORA["wikiart"], kind="wikiart")
    assert found.aspects == LARGEST
    assert found.pairs[0] == LARGEST[:2] and len(found.pairs) == 7


def test_a_corpus_of_ones_own_is_scored_whole_and_in_order() -> None:
    found = subjects_of(Pictures(), kind="folder")
    assert (found.aspects, found.pairs, found.n_images) == (("c", "a", "b"), (("c", "a"),), 7)
    assert found.triples == (("c", "a", "b"),)


def test_a_known_kind_with_other_aspects_is_scored_as_ones_own() -> None:
    assert subjects_of(SyntheticCorpus(aspects=("warm", "dark")), kind="synthetic").aspects == (
        "warm",
        "dark",
    )


def test_a_corpus_that_draws_as_many_as_are_asked_for_has_no_limit() -> None:
    assert subjects_of(CORPORA["synthetic"], kind="synthetic").n_images is None


def test_nothing_is_both_scored_and_used_for_development() -> None:
    assert not set(split.SCORED_ASPECTS) & set(split.DEVELOPMENT_ASPECTS)
    assert not set(split.SCORED_SEEDS) & set(split.DEVELOPMENT_SEEDS)
