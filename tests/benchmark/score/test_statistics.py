"""Intervals and tests against known values, SciPy and brute force; simulations are in `simulate/`."""

from itertools import product

import numpy as np
import pytest
from scipy.stats import binomtest, t, ttest_1samp

from benchmark.score.statistics import (
    can_compare,
    detectable,
    holm,
    sign_flip_permutation,
    sign_flips,
    smallest_p,
    t_interval,
)
from benchmark.simulate.worths import choices
from finexl.errors import InvalidInputError

SHARE = (0.0, 1.0)


def test_the_interval_is_students_of_the_units_and_one_in_the_middle() -> None:
    units = np.random.default_rng(0).random(9)
    expected = ttest_1samp([*units, 0.5], 0.0).confidence_interval(0.9)
    assert t_interval(units.tolist(), ends=SHARE, confidence=0.9) == pytest.approx(
        (expected.low, expected.high)
    )


def test_fewer_than_five_units_give_no_interval() -> None:
    assert [t_interval([0.1, 0.5, 0.3, 0.2, 0.9][:n], ends=SHARE) is None for n in (1, 4, 5)] == [
        True,
        True,
        False,
    ]


def test_the_interval_stays_in_the_range_and_holds_the_mean() -> None:
    for units in ([1.0] * 8, [0.0] * 7 + [0.1], [0.9] * 5, [1.0, 0.0, 1.0, 1.0, 1.0]):
        found = t_interval(units, ends=(1.0, 0.0))
        assert found is not None and 0 <= found.low <= np.mean(units) <= found.high <= 1


def test_units_that_are_all_alike_still_have_an_interval() -> None:
    found = t_interval([1.0] * 15, ends=SHARE)
    assert found is not None and 0.75 < found.low < 0.85


@pytest.mark.parametrize("n", [8, 10, 15])
@pytest.mark.parametrize("share", [0.7, 0.9])
def test_units_that_are_almost_all_or_nothing_are_covered_too(share: float, n: int) -> None:
    rng, draw = np.random.default_rng(7), choices(share, 0.8)
    found = [t_interval(draw(rng, n).tolist(), ends=SHARE) for _ in range(600)]
    assert np.mean([one is not None and one.low <= share <= one.high for one in found]) >= 0.9


def test_where_all_is_all_or_nothing_the_interval_is_as_wide_as_wilsons() -> None:
    found = t_interval([5.0] * 14 + [1.0], ends=(1.0, 5.0))
    expected = binomtest(14, 15).proportion_ci(method="wilson")
    assert found is not None and found.low == pytest.approx(1 + 4 * expected.low)


def test_the_detectable_difference_is_its_closed_form() -> None:
    expected = (t.ppf(0.975, 24) + t.ppf(0.8, 24)) * 0.2 / 5
    assert detectable(0.2, n_units=25, n_tests=1) == pytest.approx(expected)


def test_three_groups_can_tell_nothing_apart() -> None:
    assert not can_compare(3, n_tests=1) and detectable(0.1, n_units=3, n_tests=1) is None
    assert [can_compare(n, n_tests=1) for n in (5, 6)] == [False, True]


@pytest.mark.parametrize(("units", "p"), [(3, 0.25), (5, 0.0625), (6, 0.03125), (10, 2 / 2**10)])
def test_the_smallest_p_of_sign_flips_is_two_in_all(units: int, p: float) -> None:
    assert sign_flip_permutation([0.1 * (i + 1) for i in range(units)]) == pytest.approx(p)


def test_sign_flips_agree_with_brute_force() -> None:
    differences = [0.5, -0.2, 0.9, 0.1, -0.4]
    sums = [
        abs(sum(s * d for s, d in zip(signs, differences, strict=True)))
        for signs in product((-1, 1), repeat=5)
    ]
    assert sign_flip_permutation(differences) == np.mean(
        [total >= abs(sum(differences)) - 1e-12 for total in sums]
    )


def test_rows_of_differences_are_tested_at_once_as_one_by_one() -> None:
    differences = np.random.default_rng(3).normal(size=(4, 9))
    assert sign_flips(differences, effects=np.ones(4)) == pytest.approx(
        [sign_flip_permutation(row.tolist()) for row in differences]
    )


def test_a_design_effect_makes_intervals_wider_and_differences_less_certain() -> None:
    units = np.random.default_rng(4).normal(0.6, 0.1, 12)
    narrow, wide = (t_interval(units.tolist(), ends=SHARE, effect=effect) for effect in (1.0, 2.0))
    assert narrow is not None and wide is not None
    assert wide.low < narrow.low < narrow.high < wide.high
    sure, unsure = (sign_flip_permutation((units - 0.5).tolist(), effect=effect) for effect in (1.0, 2.0))
    assert sure < unsure


def test_what_all_units_agree_on_is_found_however_much_they_share() -> None:
    units = [0.5 + 0.01 * (i % 3) for i in range(15)]
    assert sign_flip_permutation(units, effect=2.5) < 0.001
    assert sign_flip_permutation([0.5] * 15, effect=15.0) == smallest_p(15)


def test_a_shared_difference_is_as_rare_as_students_t_of_so_many_fewer_units_says() -> None:
    units = np.random.default_rng(5).normal(0.4, 1, 14)
    size = units.mean() / units.std(ddof=1) * np.sqrt(14 / 2)
    as_students = 2 * t.sf(size, 14 / 2 - 2)
    assert sign_flip_permutation(units.tolist(), effect=2.0) == pytest.approx(as_students, abs=0.02)


def test_random_sign_flips_come_close_to_the_exact_ones() -> None:
    differences = np.random.default_rng(3).normal(0.3, 1, size=17)
    signs = 1 - 2 * ((np.arange(2**17)[:, None] >> np.arange(17)) & 1)
    exact = np.mean(np.abs(signs @ differences) >= abs(differences.sum()) - 1e-9)
    assert sign_flip_permutation(differences.tolist(), n_resamples=5000) == pytest.approx(exact, abs=0.03)


def test_holm_gives_known_values_in_the_order_given() -> None:
    assert holm([0.04, 0.01, 0.03, 0.005]) == pytest.approx((0.06, 0.03, 0.06, 0.02))


def test_holm_never_exceeds_one() -> None:
    assert holm([0.9, 0.8]) == (1.0, 1.0)


@pytest.mark.parametrize("n", [1, 3, 6, 10])
def test_the_smallest_p_is_that_of_differences_of_one_sign(n: int) -> None:
    assert smallest_p(n) == sign_flip_permutation([0.1 * (i + 1) for i in range(n)])


@pytest.mark.parametrize(
    "statistic", [sign_flip_permutation, holm, lambda units: t_interval(units, ends=SHARE)]
)
def test_empty_input_raises(statistic) -> None:
    with pytest.raises(InvalidInputError):
        statistic([])


@pytest.mark.parametrize(
    "statistic", [sign_flip_permutation, holm, lambda units: t_interval(units, ends=SHARE)]
)
def test_nan_raises(statistic) -> None:
    with pytest.raises(InvalidInputError):
        statistic([0.5, float("nan")])
