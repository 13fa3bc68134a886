"""Pictures are drawn with their style, captioned without it, and drawn once."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from finetune.corpora import Corpus, LimitedCorpus, PairedCorpus
from finetune.corpora.coco_prompts import CaptionPool
from finetune.corpora.drawn import STYLES, DrawnCorpus
from finetune.corpora.kinds import DrawnSettings
from finetune.store.store import Store
from finexl.errors import InvalidInputError, UnknownNameError

CAPTIONS = CaptionPool(("a vivid cat", *(f"a cat number {number}" for number in range(30))))


class Noting:
    """A painter that notes what it is asked for, and paints noise of the seed."""

    id = "noting"

    def __init__(self) -> None:
        self.asked: list[tuple[str, int]] = []

    def sample(self, prompts: Sequence[str], seeds: Sequence[int]) -> np.ndarray:
        self.asked += zip(prompts, seeds, strict=True)
        return np.stack(
            [np.random.default_rng(s).integers(0, 256, (12, 16, 3), dtype=np.uint8) for s in seeds]
        )


def opened(painter: Noting, folder: Path, **drawing) -> DrawnCorpus:
    values = {"size": 8, "n_drawn": 6, **drawing}
    settings = DrawnSettings(folder=folder, prompts_from=folder, **values)
    return DrawnCorpus(settings, painter=painter, captions=CAPTIONS, store=Store(folder))


def test_the_prompt_has_the_style_and_the_caption_has_not(tmp_path: Path) -> None:
    painter = Noting()
    images, captions = opened(painter, tmp_path).images("cartoon style", 4, 0)
    assert images.shape == (4, 8, 8, 3)
    assert [prompt for prompt, _ in painter.asked] == [f"a cartoon style photo: {text}" for text in captions]


def test_contents_are_the_same_pictures_without_the_style(tmp_path: Path) -> None:
    painter = Noting()
    corpus = opened(painter, tmp_path)
    captions = corpus.images("cartoon style", 4, 0)[1]
    assert isinstance(corpus, PairedCorpus) and corpus.contents("cartoon style", 4, 0).shape == (4, 8, 8, 3)
    styled, plain = painter.asked[:4], painter.asked[4:]
    assert [prompt for prompt, _ in plain] == [f"a photo: {text}" for text in captions]
    assert [seed for _, seed in plain] == [seed for _, seed in styled]


def test_contents_of_another_style_have_noise_of_its_own(tmp_path: Path) -> None:
    painter = Noting()
    for style in ("vivid", "dark"):
        opened(painter, tmp_path).contents(style, 6, 0)
    assert len({seed for _, seed in painter.asked}) == 12


def test_nothing_is_drawn_twice(tmp_path: Path) -> None:
    painter = Noting()
    first, captions = opened(painter, tmp_path).images("vivid", 6, 0)
    again, _ = opened(painter, tmp_path).images("vivid", 6, 0)
    _, others = opened(painter, tmp_path).images("vivid", 6, 1)
    assert np.array_equal(first, again) and len(painter.asked) == 6
    assert captions != others and set(captions) == set(others)


def test_an_interrupted_drawing_goes_on_where_it_stopped(tmp_path: Path) -> None:
    class Tired(Noting):
        def sample(self, prompts: Sequence[str], seeds: Sequence[int]) -> np.ndarray:
            if len(self.asked) == 2:
                raise KeyboardInterrupt
            return super().sample(prompts, seeds)

    with pytest.raises(KeyboardInterrupt):
        opened(Tired(), tmp_path).images("vivid", 5, 0)
    painter = Noting()
    opened(painter, tmp_path).images("vivid", 5, 0)
    assert len(painter.asked) == 3


def test_every_picture_has_noise_of_its_own(tmp_path: Path) -> None:
    painter = Noting()
    for style in ("vivid", "dark"):
        opened(painter, tmp_path).images(style, 6, 0)
    assert len({seed for _, seed in painter.asked}) == 12


def test_prompts_are_never_drawn_and_name_no_style(tmp_path: Path) -> None:
    corpus = opened(Noting(), tmp_path, n_drawn=10)
    drawn = {caption for style in ("vivid", "dark") for caption in corpus.images(style, 10, 0)[1]}
    prompts = set(corpus.prompts(5, 0))
    assert prompts.isdisjoint(drawn) and "a vivid cat" not in drawn | prompts


def test_more_pictures_than_may_be_drawn_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"pictures of a style, 6\. Asked for 7.*n_drawn"):
        opened(Noting(), tmp_path).images("vivid", 7, 0)


def test_there_are_fifteen_styles_with_words_of_their_own(tmp_path: Path) -> None:
    corpus = opened(Noting(), tmp_path)
    words = [word for names in corpus.names.values() for word in names]
    assert isinstance(corpus, Corpus) and isinstance(corpus, LimitedCorpus)
    assert len(corpus.aspects) == len(STYLES) == 15 and len(words) == len(set(words))


def test_styles_of_your_own_are_drawn(tmp_path: Path) -> None:
    corpus = opened(Noting(), tmp_path, aspects=("baroque", "vivid"), names={"vivid": ("lively",)})
    assert corpus.names == {"baroque": ("baroque",), "vivid": ("lively",)}
    with pytest.raises(UnknownNameError, match="Did you mean aspect=baroque"):
        corpus.images("barock", 1, 0)


def test_the_id_is_that_of_painter_captions_and_drawing(tmp_path: Path) -> None:
    ids = [
        opened(Noting(), tmp_path, **change).id for change in ({}, {}, {"size": 16}, {"aspects": ("vivid",)})
    ]
    assert ids[0] == ids[1] and len(set(ids)) == 3


def test_a_style_given_twice_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"`corpus\.aspects` must be different"):
        opened(Noting(), tmp_path, aspects=("vivid", "vivid"))
