"""Student's t without a library, and the procedure of Benjamini and Hochberg."""

import numpy as np
import pytest
from pytest import approx
from scipy import stats

from finexl.robust.chance import discoveries, mean_p_value, t_quantile


@pytest.mark.parametrize("freedom", [5.0, 10.0, 31.0, 99.0])
@pytest.mark.parametrize("t", [0.3, 1.0, 2.0, 3.5])
def test_p_values_are_those_of_students_t(t: float, freedom: float) -> None:
    (p,) = mean_p_value(np.array([t]), np.array([1.0]), np.array([freedom]))
    assert p == approx(2 * stats.t.sf(t, df=freedom), abs=1e-3)


@pytest.mark.parametrize("freedom", [5.0, 10.0, 31.0, 99.0])
def test_quantiles_are_those_of_students_t(freedom: float) -> None:
    (found,) = t_quantile(0.975, np.array([freedom]))
    assert found == approx(stats.t.ppf(0.975, df=freedom), rel=1e-2)


def test_one_prompt_says_nothing_of_its_spread() -> None:
    (p,) = mean_p_value(np.array([2.0]), np.array([np.inf]), np.array([0.0]))
    assert p == 1.0 and t_quantile(0.975, np.array([0.0]))[0] == np.inf


def test_equal_shifts_are_certain() -> None:
    p = mean_p_value(np.array([2.0, 0.0]), np.zeros(2), np.full(2, 9.0))
    assert p.tolist() == [1e-12, 1.0]


def test_discoveries_are_those_of_benjamini_and_hochberg_among_all_tests_made() -> None:
    p = np.array([0.001, 0.2, 0.009, 0.04])
    others = np.ones(6)
    expected = stats.false_discovery_control(np.concatenate([p, others])) <= 0.05
    assert discoveries(p, rate=0.05, n_tests=10).tolist() == expected[:4].tolist()
