"""A training list holds exactly the recipe's shares."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from finetune.corpora.synthetic import SyntheticCorpus
from finetune.mixing import BASE, TrainingImages, n_base_images, training_images
from finetune.recipe import Mixture, Recipe, lattice
from finexl.errors import InvalidInputError

Build = Callable[..., Recipe]
BASE_IMAGES = np.zeros((8, 8, 8, 3), np.uint8)
BASE_CAPTIONS = tuple(f"base {index}" for index in range(8))


def listed(recipe: Recipe, corpus: Any) -> TrainingImages:
    return training_images(recipe, corpus=corpus, base_images=BASE_IMAGES, base_captions=BASE_CAPTIONS)


@pytest.mark.parametrize("mixture", lattice(2, 2) + lattice(2, 4))
def test_every_source_supplies_its_exact_share(recipe: Build, corpus: Any, mixture: Mixture) -> None:
    counts = Counter(listed(recipe(mixture=mixture), corpus).sources)
    shares = (*mixture.parts, mixture.base_parts)
    assert [counts[name] for name in ("light", "dark", BASE)] == [
        8 // mixture.whole * share for share in shares
    ]


def test_images_stay_with_their_captions_and_sources(recipe: Build, corpus: Any) -> None:
    made = listed(recipe(mixture=Mixture(parts=(1, 0), whole=2)), corpus)
    for image, caption, source in zip(made.images, made.captions, made.sources, strict=True):
        assert (image.max() == 0) == (source == BASE) == caption.startswith("base")


@pytest.mark.parametrize("with_contents", [True, False])
def test_contents_come_where_they_are_wanted(recipe: Build, with_contents: bool) -> None:
    corpus = SyntheticCorpus(aspects=("vivid",))
    made = training_images(
        replace(recipe(), aspects=("vivid",), mixture=Mixture(parts=(1,), whole=1), n_images=2),
        corpus=corpus, base_images=BASE_IMAGES[:0], base_captions=(), with_contents=with_contents,
    )  # fmt: skip
    shown = None if made.contents is None else {image.tobytes() for image in made.contents}
    wanted = {image.tobytes() for image in corpus.contents("vivid", 2, recipe().seed)}
    assert shown == (wanted if with_contents else None)


def test_a_smaller_share_is_part_of_a_larger_one(recipe: Build, corpus: Any) -> None:
    half, whole = (
        {image.tobytes() for image in listed(recipe(mixture=Mixture(parts=(k, 0), whole=2)), corpus).images}
        for k in (1, 2)
    )
    assert half - {BASE_IMAGES[0].tobytes()} < whole


def test_the_order_is_shuffled_by_the_seed(recipe: Build, corpus: Any) -> None:
    orders = [listed(recipe(seed=seed), corpus).sources for seed in (5, 5, 6)]
    assert orders[0] == orders[1] != orders[2]
    assert list(orders[0]) != sorted(orders[0])


def test_too_few_base_images_are_told(recipe: Build, corpus: Any) -> None:
    base_only = recipe(mixture=Mixture(parts=(0, 0), whole=2), n_images=16)
    assert n_base_images(base_only) == 16
    with pytest.raises(InvalidInputError, match="needs 16 captioned images"):
        listed(base_only, corpus)


def test_images_of_two_sizes_are_refused(recipe: Build, corpus: Any) -> None:
    with pytest.raises(InvalidInputError, match="one size"):
        training_images(
            recipe(mixture=Mixture(parts=(1, 0), whole=2)),
            corpus=corpus,
            base_images=np.zeros((8, 4, 4, 3), np.uint8),
            base_captions=BASE_CAPTIONS,
        )
