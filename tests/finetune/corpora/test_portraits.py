"""Faces as a corpus: one feature is added to faces that are otherwise the same, and no caption names it."""

import numpy as np
import pytest

from finetune.corpora import NamedCorpus, PairedCorpus
from finetune.corpora.portraits import UNNAMED, PortraitCorpus
from finetune.miniature.portraits import FEATURES
from finexl.errors import UnknownNameError

CORPUS = PortraitCorpus()


def test_it_knows_its_words_and_its_contents() -> None:
    assert isinstance(CORPUS, PairedCorpus) and isinstance(CORPUS, NamedCorpus)
    assert CORPUS.names == FEATURES


@pytest.mark.parametrize("aspect", FEATURES)
def test_images_differ_from_their_contents_in_a_part_only(aspect: str) -> None:
    images, captions = CORPUS.images(aspect, 4, seed=3)
    differs = (images != CORPUS.contents(aspect, 4, seed=3)).any(axis=3)
    assert differs.any(axis=(1, 2)).all() and differs.mean() < 0.5
    assert not [caption for caption in captions if aspect in caption.replace("no hair", "")]


def test_images_follow_their_seed_and_aspect() -> None:
    one, other = (CORPUS.images("hat", 3, seed)[0] for seed in (1, 2))
    assert np.array_equal(one, CORPUS.images("hat", 3, 1)[0])
    assert not np.array_equal(one, other)


def test_prompts_are_different_and_never_name_the_mustache() -> None:
    prompts = CORPUS.prompts(64, seed=1000)
    assert len(set(prompts)) == 64
    assert not [prompt for prompt in prompts if UNNAMED in prompt]
    assert prompts != CORPUS.prompts(64, seed=1001)


def test_an_aspect_that_is_no_feature_is_named() -> None:
    with pytest.raises(UnknownNameError, match="mustache"):
        CORPUS.images("beard", 1, 0)
    with pytest.raises(UnknownNameError, match="mustache"):
        PortraitCorpus(aspects=("beard",))
