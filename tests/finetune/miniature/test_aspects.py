"""Laws that every aspect and every composite style obeys."""

from itertools import chain

import numpy as np
import pytest
from jaxtyping import UInt8

from finetune.miniature import ASPECTS, COMPOSITES, apply_aspect, caption, render, sample_scenes
from finetune.miniature.captions import DEGREES
from finexl.errors import InvalidInputError, UnknownNameError

STYLES = (*ASPECTS, *COMPOSITES)
SCENES = sample_scenes(12, np.random.default_rng(0))

Images = UInt8[np.ndarray, "n 64 64 3"]


@pytest.fixture(scope="module")
def images() -> Images:
    return render(SCENES)


def _distance(images: Images, others: Images) -> float:
    return float(np.abs(images.astype(int) - others.astype(int)).mean())


@pytest.mark.parametrize("name", STYLES)
def test_strength_zero_is_the_identity(name: str, images: Images) -> None:
    assert np.array_equal(apply_aspect(images, name, 0.0, seed=0), images)


@pytest.mark.parametrize("name", STYLES)
def test_the_change_grows_with_strength(name: str, images: Images) -> None:
    ladder = [_distance(images, apply_aspect(images, name, s, seed=0)) for s in (0.0, 0.25, 0.5, 0.75, 1.0)]
    assert all(np.diff(ladder) > 0)


@pytest.mark.parametrize("name", STYLES)
def test_full_strength_is_unmistakable(name: str, images: Images) -> None:
    assert _distance(images, apply_aspect(images, name, 1.0, seed=0)) > 3


@pytest.mark.parametrize("name", STYLES)
def test_the_same_seed_gives_the_same_images(name: str, images: Images) -> None:
    first, again = (apply_aspect(images, name, 0.7, seed=5) for _ in range(2))
    assert np.array_equal(first, again)


@pytest.mark.parametrize("name", ["grainy", "scratched", "snowy"])
def test_another_seed_draws_another_texture(name: str, images: Images) -> None:
    assert not np.array_equal(
        apply_aspect(images, name, 0.7, seed=0), apply_aspect(images, name, 0.7, seed=1)
    )


@pytest.mark.parametrize("name", ["vivid", "pixelated", "blurry", "wavy", "glowing", "comic"])
def test_strengths_may_differ_between_images(name: str, images: Images) -> None:
    mixed = apply_aspect(images, name, np.linspace(0, 1, len(images)), seed=0)
    assert np.array_equal(mixed[0], images[0])
    assert np.array_equal(mixed[-1:], apply_aspect(images[-1:], name, 1.0, seed=0))


@pytest.mark.parametrize("name", STYLES)
def test_no_images_give_no_images(name: str) -> None:
    assert apply_aspect(render(()), name, 0.5, seed=0).shape == (0, 64, 64, 3)


def test_there_are_four_kinds_of_aspect() -> None:
    assert {aspect.kind for aspect in ASPECTS.values()} == {"colour", "texture", "line", "optics"}


def test_no_word_names_two_styles() -> None:
    words = list(chain.from_iterable(style.synonyms for style in (*ASPECTS.values(), *COMPOSITES.values())))
    assert len(words) == len(set(words))


def test_no_word_for_a_style_occurs_in_a_plain_caption() -> None:
    plain = set(" ".join(caption(scene) for scene in sample_scenes(2000, np.random.default_rng(0))).split())
    degrees = {degree.adverb for degree in DEGREES}
    for style in (*ASPECTS.values(), *COMPOSITES.values()):
        assert not (plain | degrees).intersection(style.synonyms)


def test_a_style_has_three_words_and_its_name_comes_first() -> None:
    for name, style in (*ASPECTS.items(), *COMPOSITES.items()):
        assert style.synonyms[0] == name and len(style.synonyms) >= 3


def test_composites_are_made_of_aspects() -> None:
    for style in COMPOSITES.values():
        assert len(style.parts) >= 2 and all(
            part in ASPECTS and 0 < share <= 1 for part, share in style.parts
        )


def test_an_unknown_style_is_told_its_nearest_name(images: Images) -> None:
    with pytest.raises(UnknownNameError, match=r"Got 'vived'\. Did you mean aspect=vivid\?"):
        apply_aspect(images, "vived", 0.5, seed=0)


@pytest.mark.parametrize("strength", [-0.1, 1.1, float("nan"), np.ones(2)])
def test_a_strength_outside_its_range_is_refused(strength: float, images: Images) -> None:
    with pytest.raises(InvalidInputError, match="`strength` of an aspect must be one number"):
        apply_aspect(images, "vivid", strength, seed=0)
