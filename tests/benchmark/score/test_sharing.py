"""Laws of the design effect of units that share aspects; what intervals then cover is in `simulate/`."""

import numpy as np
import pytest

from benchmark.score.sharing import design_effect, shared
from benchmark.simulate.worths import partly, told_or_not
from finetune.miniature.split import SCORED_ASPECTS, SCORED_PAIRS


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
