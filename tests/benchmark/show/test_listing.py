"""What `list aspects` shows."""

import numpy as np
import pytest
from planning import CORPORA

from benchmark.show.listing import describe_aspects
from finetune.miniature.aspects import ASPECTS, COMPOSITES
from finetune.miniature.portraits import FEATURES
from finetune.miniature.vocabulary import LOOKS


def shown(kind: str) -> str:
    return describe_aspects(CORPORA[kind], name=kind)


class Pictures:
    """A corpus of one's own, whose words are its labels."""

    id = "mine"
    aspects = ("van gogh", "night")

    def images(self, aspect: str, n: int, seed: int):
        return np.zeros((n, 8, 8, 3), np.uint8), ("x",) * n

    def prompts(self, n: int, seed: int) -> tuple[str, ...]:
        return ("x",) * n


def test_every_style_and_feature_has_a_look() -> None:
    assert set(LOOKS) == {*ASPECTS, *COMPOSITES, *FEATURES}


@pytest.mark.parametrize("kind", CORPORA)
def test_every_word_of_the_world_can_be_looked_up(kind: str) -> None:
    told = shown(kind)
    assert all(word in told for style in (ASPECTS | COMPOSITES).values() for word in style.synonyms)


def test_aspects_of_the_corpus_come_first_with_their_words_and_looks() -> None:
    first, second, third = shown("synthetic").splitlines()[:3]
    assert first == "aspects of corpus=synthetic: 15"
    assert second.split() == ["vivid", "vibrant,", "saturated,", "colorful"]
    assert third.strip() == LOOKS["vivid"]


def test_composite_styles_are_shown_with_their_parts() -> None:
    assert "= 38% sepia + 25% grainy + 38% vignetted" in shown("synthetic")


def test_artists_are_shown_with_the_words_for_most_of_their_work() -> None:
    assert "Aldova       vintage, retro, nostalgic" in shown("wikiart")


def test_of_pictures_of_yours_the_labels_are_shown_and_nothing_else() -> None:
    told = describe_aspects(Pictures(), name="folder")
    assert told.splitlines() == ["aspects of corpus=folder: 2", "  van gogh", "  night"]
