"""Rendered pairs differ in what their captions say, and in nothing else worth saying."""

import numpy as np
import pytest

from finetune.miniature.examples import STYLES
from finetune.miniature.vocabulary import StyledBy
from finetune.pretraining.difference_pairs import (
    DEGREES,
    NO_DIFFERENCE,
    difference_caption,
    render_pairs,
)


def style(name: str, strength: float) -> StyledBy:
    return StyledBy(name=name, strength=strength)


@pytest.mark.parametrize(
    ("styles", "caption"),
    [
        ((), NO_DIFFERENCE),
        ((style("vivid", 0.5),), "the second image is vivid"),
        ((style("grainy", 0.1), style("vivid", 0.7)), "the second image is very vivid and slightly grainy"),
        ((style("vivid", 1.0),), "the second image is extremely vivid"),
        ((style("sepia", 0.3), style("dark", 0.3)), "the second image is somewhat dark and somewhat sepia"),
    ],
)
def test_captions_name_styles_with_their_degree_the_strongest_first(styles, caption: str) -> None:
    assert difference_caption(styles) == caption


def test_degrees_rise_with_their_bounds() -> None:
    bounds, _, worth = zip(*DEGREES, strict=True)
    assert list(bounds) == sorted(bounds) and list(worth) == sorted(worth) and bounds[-1] == 1


def test_equal_seeds_give_equal_pairs_and_others_do_not() -> None:
    one, again, other = render_pairs(20, seed=1), render_pairs(20, seed=1), render_pairs(20, seed=2)
    assert one.captions == again.captions != other.captions
    np.testing.assert_array_equal(one.personalized, again.personalized)


def test_distractors_are_those_without_a_difference() -> None:
    pairs = render_pairs(100, seed=3)
    assert [caption != NO_DIFFERENCE for caption in pairs.captions] == list(pairs.changed)
    assert 0 < sum(not changed for changed in pairs.changed) < 40


def test_captions_use_the_words_that_are_listed() -> None:
    pairs = render_pairs(100, seed=4)
    known = {
        *pairs.aspects,
        *pairs.degrees,
        *["the", "second", "image", "is", "and", "there", "no", "difference"],
    }
    assert {word for caption in pairs.captions for word in caption.split()} <= known
    assert pairs.aspects == STYLES


def test_changed_pairs_differ_more_than_distractors() -> None:
    pairs = render_pairs(200, seed=5)
    apart = np.abs(pairs.base.astype(float) - pairs.personalized).mean(axis=(1, 2, 3))
    changed = np.array(pairs.changed)
    assert np.median(apart[changed]) > 2 * np.median(apart[~changed])
