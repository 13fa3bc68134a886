"""The synthetic corpus shows a style without saying so."""

import numpy as np
import pytest

from finetune.corpora.synthetic import SyntheticCorpus
from finetune.miniature import ASPECTS, COMPOSITES
from finexl.errors import InvalidInputError, UnknownNameError

CORPUS = SyntheticCorpus()
STYLES = CORPUS.aspects


def test_there_are_fifteen_styles_as_in_the_paper() -> None:
    assert len(set(STYLES)) == 15 and set(STYLES) <= set(ASPECTS)


def test_images_are_a_function_of_their_seed() -> None:
    first, again, other = (CORPUS.images("sepia", 4, seed)[0] for seed in (1, 1, 2))
    assert np.array_equal(first, again) and not np.array_equal(first, other)


def test_images_show_the_style() -> None:
    images, _ = CORPUS.images("monochrome", 8, 0)
    chroma = images.max(axis=3).astype(int) - images.min(axis=3)
    assert chroma.mean() < 20


@pytest.mark.parametrize("style", STYLES)
def test_captions_do_not_name_the_style(style: str) -> None:
    words = {word for caption in CORPUS.images(style, 8, 0)[1] for word in caption.split()}
    assert words.isdisjoint(ASPECTS[style].synonyms)


def test_styles_have_scenes_of_their_own() -> None:
    assert CORPUS.images("sepia", 8, 0)[1] != CORPUS.images("vivid", 8, 0)[1]


def test_prompts_are_different_and_drawn_apart_from_training_captions() -> None:
    prompts = CORPUS.prompts(50, 7)
    assert len(set(prompts)) == 50
    assert prompts[:8] != CORPUS.images("sepia", 8, 7)[1]


def test_composite_styles_can_be_asked_for() -> None:
    name = next(iter(COMPOSITES))
    assert len(SyntheticCorpus(aspects=(name,)).images(name, 2, 0)[0]) == 2


def test_a_mistyped_style_names_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean aspects=vivid"):
        SyntheticCorpus(aspects=("vividd",))


def test_strengths_must_ascend_within_one() -> None:
    with pytest.raises(InvalidInputError, match="ascending"):
        SyntheticCorpus(strengths=(1.0, 0.8))


def test_the_id_changes_with_the_strengths() -> None:
    assert CORPUS.id != SyntheticCorpus(strengths=(0.5, 1.0)).id


def test_contents_are_the_images_at_no_strength() -> None:
    plain = SyntheticCorpus(strengths=(0.0, 0.0))
    assert np.array_equal(plain.images("blurry", 6, 3)[0], CORPUS.contents("blurry", 6, 3))


def test_every_style_has_words_of_its_own() -> None:
    words = [word for names in CORPUS.names.values() for word in names]
    assert set(CORPUS.names) == set(STYLES) and len(words) == len(set(words))
