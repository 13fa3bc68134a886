"""The exact expectation over sets of alternatives, against every set."""

from itertools import combinations

import numpy as np
import pytest

from benchmark.paper.tables.naming import cell, share_picked


def counted(said: list[float], true: int, n: int) -> float:
    """Every set of n - 1 others, one by one."""
    others = [place for place in range(len(said)) if place != true]
    worths = []
    for chosen in combinations(others, n - 1):
        top = max(said[place] for place in (true, *chosen))
        first = [place for place in (true, *chosen) if said[place] == top]
        worths.append(1 / len(first) if true in first else 0.0)
    return float(np.mean(worths))


@pytest.mark.parametrize("n", [2, 3, 5, 7])
@pytest.mark.parametrize("seed", range(4))
def test_the_share_is_that_of_all_sets_of_alternatives(n: int, seed: int) -> None:
    said = np.random.default_rng(seed).integers(4, size=7).astype(float).tolist()
    assert share_picked(said, seed, n) == pytest.approx(counted(said, seed, n))


def test_silence_about_everything_is_chance() -> None:
    assert share_picked([0.0] * 15, 3, 5) == pytest.approx(1 / 5)


def test_a_cell_is_the_mean_over_styles_beside_its_chance() -> None:
    found = cell([[1.0, 0.0], [1.0, 0.0]], 2, scale=100.0)
    assert (found.measured, found.chance, found.n) == (50.0, 50.0, 2)


def test_more_alternatives_than_styles_are_no_cell() -> None:
    assert cell([[1.0]], 5, scale=1.0).why == "the corpus has 1 styles, fewer than 5 alternatives"
