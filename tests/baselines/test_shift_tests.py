"""Tests of many words at once agree with SciPy's, and with the definition of a false discovery rate."""

import numpy as np
import pytest
from scipy import stats

from baselines.shift_tests import false_discovery_q_values, paired_p_values, welch_p_values

RNG = np.random.default_rng(0)
PERSONALIZED, BASE = RNG.normal(0.3, 1.0, (20, 7)), RNG.normal(0.0, 2.0, (20, 7))


def test_paired_p_values_are_those_of_scipy():
    expected = stats.ttest_rel(PERSONALIZED, BASE, alternative="greater").pvalue
    assert paired_p_values(PERSONALIZED - BASE) == pytest.approx(expected)


def test_welch_p_values_are_those_of_scipy():
    expected = stats.ttest_ind(PERSONALIZED, BASE, equal_var=False, alternative="greater").pvalue
    assert welch_p_values(PERSONALIZED, BASE) == pytest.approx(expected)


@pytest.mark.parametrize(("difference", "p"), [(0.5, 0.0), (0.0, 1.0), (-0.5, 1.0)])
def test_equal_differences_are_certain(difference, p):
    assert paired_p_values(np.full((5, 1), difference)) == [p]
    assert welch_p_values(np.full((5, 1), difference), np.zeros((5, 1))) == [p]


def test_a_single_pair_is_no_evidence():
    assert paired_p_values(np.array([[9.0]])) == [1.0]
    assert welch_p_values(np.array([[9.0]]), np.array([[0.0]])) == [1.0]


def test_q_values_are_the_smallest_rates_that_keep_a_test():
    p = np.array([0.001, 0.04, 0.03, 0.2, 0.9])
    ranked = np.sort(p)
    expected = [min(ranked[j] * 5 / (j + 1) for j in range(5) if ranked[j] >= one) for one in p]
    assert false_discovery_q_values(p) == pytest.approx(expected)


def test_among_words_without_effect_a_discovery_is_rare():
    found = [
        (
            false_discovery_q_values(paired_p_values(np.random.default_rng(i).normal(size=(12, 40)))) <= 0.05
        ).any()
        for i in range(200)
    ]
    assert np.mean(found) < 0.1
