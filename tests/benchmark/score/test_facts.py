"""What metrics share is asked for whole numbers, numbers and rows."""

import numpy as np
import pytest

from benchmark.score.facts import is_number, is_row, is_whole, late

NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize("given", [0, 7, -3, 2**63 - 1, np.int64(5), np.uint8(5)])
def test_these_are_whole(given: object) -> None:
    assert is_whole(given)


@pytest.mark.parametrize("given", [True, np.bool_(True), 1.0, None, "1", 2**63, NAN, [1]])
def test_these_are_not_whole(given: object) -> None:
    assert not is_whole(given)


@pytest.mark.parametrize("given", [0, 0.5, -1e300, np.float32(1), np.int8(1)])
def test_these_are_numbers(given: object) -> None:
    assert is_number(given)


@pytest.mark.parametrize("given", [False, np.bool_(False), NAN, INF, 1j, None, "1", [1.0]])
def test_these_are_no_numbers(given: object) -> None:
    assert not is_number(given)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([], True),
        ((1,), True),
        (np.ones(2), True),
        (range(2), True),
        ("ab", False),
        ({"a": 1}, False),
        (None, False),
        (3, False),
        ({1}, False),
        (iter([1]), False),
    ],
)
def test_rows_have_an_order_and_a_length_and_are_no_text(given: object, expected: bool) -> None:
    assert is_row(given) is expected


def test_a_module_has_no_other_late_name() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        late("RankMAE", "Nothing", module="benchmark.score.rank_mae")
