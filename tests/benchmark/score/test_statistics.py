"""Intervals and tests against known values, SciPy and brute force."""

from itertools import product
from math import comb

import numpy as np
import pytest
from scipy.stats import binomtest

from benchmark.score.statistics import bootstrap_mean, holm, mcnemar_exact, sign_flip_permutation, wilson
from finexl.errors import InvalidInputError


@pytest.mark.parametrize(
    ("k", "low", "high"),
    [(17, 74.2, 99.0), (16, 67.2, 96.9), (15, 60.8, 94.2), (7, 20.3, 61.4), (18, 82.4, 100.0)],
)
def test_wilson_gives_the_known_intervals_of_18(k: int, low: float, high: float) -> None:
    assert [100 * end for end in wilson(k, 18)] == pytest.approx([low, high], abs=0.05)


@pytest.mark.parametrize(("k", "n"), [(0, 5), (1, 6), (45, 90), (90, 90)])
def test_wilson_agrees_with_scipy(k: int, n: int) -> None:
    expected = binomtest(k, n).proportion_ci(0.9, method="wilson")
    assert wilson(k, n, confidence=0.9) == pytest.approx((expected.low, expected.high))


def test_wilson_grows_with_fractional_counts() -> None:
    assert wilson(3, 18) < wilson(3.5, 18) < wilson(4, 18)


@pytest.mark.parametrize(("k", "n"), [(0, 0), (-1, 3), (4, 3)])
def test_wilson_of_impossible_counts_raises(k: int, n: int) -> None:
    with pytest.raises(InvalidInputError):
        wilson(k, n)


def test_bootstrap_interval_holds_the_mean_and_is_seeded() -> None:
    values = np.random.default_rng(0).normal(size=15).tolist()
    interval = bootstrap_mean(values, seed=1)
    assert interval is not None and interval.low < np.mean(values) < interval.high
    assert interval == bootstrap_mean(values, seed=1)


def test_bootstrap_interval_is_near_the_normal_one_for_many_values() -> None:
    values = np.random.default_rng(1).normal(size=400)
    reach = 1.96 * values.std(ddof=1) / 20
    assert bootstrap_mean(values.tolist()) == pytest.approx(
        (values.mean() - reach, values.mean() + reach), abs=0.01
    )


def test_clusters_that_move_together_widen_the_interval() -> None:
    values = np.repeat(np.random.default_rng(2).normal(size=8), 10).tolist()
    alone, together = bootstrap_mean(values), bootstrap_mean(values, clusters=[i // 10 for i in range(80)])
    assert alone is not None and together is not None
    assert together.high - together.low > 2 * (alone.high - alone.low)


def test_equal_values_give_a_point() -> None:
    assert bootstrap_mean([2.0, 2.0, 2.0]) == (2.0, 2.0)


def test_one_cluster_gives_no_interval() -> None:
    assert bootstrap_mean([1.0, 2.0], clusters=["a", "a"]) is None


def test_two_clusters_give_a_finite_interval() -> None:
    interval = bootstrap_mean([0.0, 1.0])
    assert interval is not None and 0 <= interval.low <= interval.high <= 1


@pytest.mark.parametrize(
    ("wins", "losses", "p"), [(6, 0, 0.03125), (7, 1, 0.0703125), (3, 3, 1.0), (0, 0, 1.0)]
)
def test_mcnemar_gives_known_values(wins: int, losses: int, p: float) -> None:
    assert mcnemar_exact(wins, losses) == pytest.approx(p)


def test_mcnemar_is_the_binomial_tail() -> None:
    assert mcnemar_exact(9, 2) == pytest.approx(2 * sum(comb(11, i) for i in range(3)) / 2**11)


@pytest.mark.parametrize(("clusters", "p"), [(3, 0.25), (5, 0.0625), (6, 0.03125), (10, 2 / 2**10)])
def test_the_smallest_p_of_sign_flips_is_two_in_all(clusters: int, p: float) -> None:
    assert sign_flip_permutation([0.1 * (i + 1) for i in range(clusters)]) == pytest.approx(p)


def test_sign_flips_agree_with_brute_force() -> None:
    differences = [0.5, -0.2, 0.9, 0.1, -0.4]
    sums = [
        abs(sum(s * d for s, d in zip(signs, differences, strict=True)))
        for signs in product((-1, 1), repeat=5)
    ]
    assert sign_flip_permutation(differences) == np.mean(
        [total >= abs(sum(differences)) - 1e-12 for total in sums]
    )


def test_random_sign_flips_come_close_to_the_exact_ones() -> None:
    differences = np.random.default_rng(3).normal(0.3, 1, size=17)
    signs = 1 - 2 * ((np.arange(2**17)[:, None] >> np.arange(17)) & 1)
    exact = np.mean(np.abs(signs @ differences) >= abs(differences.sum()) - 1e-9)
    assert sign_flip_permutation(differences.tolist(), n_resamples=5000) == pytest.approx(exact, abs=0.03)


def test_holm_gives_known_values_in_the_order_given() -> None:
    assert holm([0.04, 0.01, 0.03, 0.005]) == pytest.approx((0.06, 0.03, 0.06, 0.02))


def test_holm_never_exceeds_one() -> None:
    assert holm([0.9, 0.8]) == (1.0, 1.0)


@pytest.mark.parametrize("statistic", [bootstrap_mean, sign_flip_permutation, holm])
def test_empty_input_raises(statistic) -> None:
    with pytest.raises(InvalidInputError):
        statistic([])


@pytest.mark.parametrize("statistic", [bootstrap_mean, sign_flip_permutation, holm])
def test_nan_raises(statistic) -> None:
    with pytest.raises(InvalidInputError):
        statistic([0.5, float("nan")])
