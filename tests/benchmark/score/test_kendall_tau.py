"""Kendall's tau where it is defined, and where it is not."""

import pytest

from benchmark.score.kendall_tau import kendall_tau_b


def test_tau_is_one_for_the_right_order_and_ignores_what_is_unreadable() -> None:
    assert kendall_tau_b([1.0, None, 2.0, 5.0], (1, 2, 3, 4)) == pytest.approx(1.0)


@pytest.mark.parametrize("scores", [[1.0, 1.0, 1.0], [None, None, 1.0], [None, None, None]])
def test_tau_is_none_where_it_is_undefined(scores: list[float | None]) -> None:
    assert kendall_tau_b(scores, (1, 2, 3)) is None
