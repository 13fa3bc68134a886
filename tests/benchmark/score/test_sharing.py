"""Units that share aspects: what intervals cover and tests reject then, and the laws of the design effect."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pytest

from benchmark.score.sharing import design_effect, shared
from benchmark.score.statistics import SIGNIFICANT, sign_flips, t_interval
from finetune.miniature.split import SCORED_ASPECTS, SCORED_PAIRS

EVERY_PAIR_OF_SIX = tuple(combinations("abcdef", 2))
"""As many pairs as are scored, of far fewer aspects."""
Pairs = Sequence[tuple[str, str]]


def told_or_not(rng: np.random.Generator, pairs: Pairs, n: int) -> np.ndarray:
    """Worths for who can or cannot tell an aspect, wherever it comes."""
    return 0.25 + 0.25 * of_aspects(rng, pairs, n, lambda size: rng.random(size) < 0.5)


def partly(rng: np.random.Generator, pairs: Pairs, n: int) -> np.ndarray:
    """Half of what a pair is worth is its own."""
    told = of_aspects(rng, pairs, n, lambda size: rng.random(size) < 0.5)
    return 0.25 + 0.125 * told + 0.25 * rng.random((n, len(pairs)))


def by_degrees(rng: np.random.Generator, pairs: Pairs, n: int) -> np.ndarray:
    told = of_aspects(rng, pairs, n, lambda size: rng.normal(0, 0.07, size))
    return 0.5 + told + rng.normal(0, 0.1, (n, len(pairs)))


def of_choices(rng: np.random.Generator, pairs: Pairs, n: int) -> np.ndarray:
    """Every pair by itself."""
    return rng.binomial(6, rng.beta(2, 2, (n, len(pairs)))) / 6


def independent(rng: np.random.Generator, pairs: Pairs, n: int) -> np.ndarray:
    return rng.normal(0.5, 0.15, (n, len(pairs)))


def of_aspects(rng: np.random.Generator, pairs: Pairs, n: int, draw) -> np.ndarray:
    names = sorted({name for pair in pairs for name in pair})
    each = draw((n, len(names)))
    return sum(each[:, [names.index(pair[place]) for pair in pairs]].astype(float) for place in (0, 1))  # type: ignore[return-value]


WORLDS = pytest.mark.parametrize("worths", [told_or_not, partly, by_degrees, of_choices, independent])
DESIGNS = pytest.mark.parametrize("pairs", [SCORED_PAIRS, SCORED_PAIRS[:8], EVERY_PAIR_OF_SIX])


@WORLDS
@DESIGNS
def test_intervals_cover_what_they_say(worths, pairs: Pairs) -> None:
    """Where no aspect matters they err on the wide side: that cannot be told from fifteen units."""
    drawn = worths(np.random.default_rng(0), pairs, 2000)
    effects = design_effect(drawn, pairs)
    found = [
        t_interval(row, ends=(0.0, 1.0), effect=effect)
        for row, effect in zip(drawn.tolist(), effects.tolist(), strict=True)
    ]
    covered = np.mean([each is not None and each.low <= 0.5 <= each.high for each in found])
    assert 0.93 <= covered <= 0.985


@WORLDS
@DESIGNS
def test_a_true_null_is_rejected_at_most_one_time_in_twenty(worths, pairs: Pairs) -> None:
    rng = np.random.default_rng(1)
    differences = worths(rng, pairs, 1000) - worths(rng, pairs, 1000)
    chances = sign_flips(differences, effects=design_effect(differences, pairs))
    assert np.mean(chances <= SIGNIFICANT) <= 0.055


def test_without_it_a_true_null_is_rejected_twice_as_often() -> None:
    rng = np.random.default_rng(1)
    differences = told_or_not(rng, SCORED_PAIRS, 1000) - told_or_not(rng, SCORED_PAIRS, 1000)
    assert np.mean(sign_flips(differences, effects=np.ones(1000)) <= SIGNIFICANT) > 0.09


def test_a_difference_of_a_standard_deviation_is_still_found_more_often_than_not() -> None:
    rng = np.random.default_rng(2)
    differences = by_degrees(rng, SCORED_PAIRS, 500) - by_degrees(rng, SCORED_PAIRS, 500) + 0.2
    chances = sign_flips(differences, effects=design_effect(differences, SCORED_PAIRS))
    assert np.mean(chances <= SIGNIFICANT) > 0.6


def test_units_that_share_nothing_count_in_full() -> None:
    drawn = np.random.default_rng(0).random((3, 15))
    assert design_effect(drawn, [(name,) for name in SCORED_ASPECTS]).tolist() == [1.0] * 3
    assert design_effect(drawn, [()] * 15).tolist() == [1.0] * 3


def test_units_that_are_all_about_the_same_count_in_full_of_that() -> None:
    assert design_effect(np.random.default_rng(0).random((1, 6)), [("a", "b")] * 6).tolist() == [1.0]


def test_the_most_is_the_variance_of_a_sum_over_aspects_alone() -> None:
    """Of worths that are sums over aspects, the variance of the mean is known, and so are expected squares."""
    n, held = len(SCORED_PAIRS), shared(SCORED_PAIRS)
    expected_square = (n - held.sum() / n) / (n - 1)
    most = held.sum() / n / expected_square
    drawn = told_or_not(np.random.default_rng(0), SCORED_PAIRS, 200)
    effects = design_effect(drawn, SCORED_PAIRS)
    assert effects.max() == pytest.approx(most) and np.median(effects) > 0.9 * most


def test_aspects_in_common_are_counted_by_the_mean_of_both_numbers() -> None:
    found = shared([("a", "b"), ("b", "c"), ("a", "b", "c"), ("d",)])
    assert found[0].tolist() == pytest.approx([1, 1 / 2, 2 / 6**0.5, 0])


def test_neither_order_nor_scale_nor_names_matter() -> None:
    drawn = partly(np.random.default_rng(0), SCORED_PAIRS, 5)
    order = np.random.default_rng(1).permutation(15)
    renamed = [tuple(name.upper() for name in SCORED_PAIRS[place]) for place in order]
    assert design_effect(3 - 2 * drawn[:, order], renamed) == pytest.approx(
        design_effect(drawn, SCORED_PAIRS)
    )


def test_worths_that_are_all_equal_have_an_effect_too() -> None:
    assert 1 <= design_effect(np.full((1, 15), 0.5), SCORED_PAIRS)[0] < 2
