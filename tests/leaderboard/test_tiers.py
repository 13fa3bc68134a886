"""Ranks are shared by whom paired units cannot tell from the best."""

import numpy as np
import pytest

from benchmark.score.statistics import sign_flip_permutation
from leaderboard.board.tiers import Ranked, sign_flips, tiers


def ranked(key: str, *units: float) -> Ranked:
    return Ranked(key=key, value=sum(units) / len(units), units={f"g{n}": one for n, one in enumerate(units)})


def test_p_values_are_those_of_the_exact_test_one_by_one() -> None:
    differences = np.random.default_rng(3).normal(size=(4, 9))
    assert sign_flips(differences) == pytest.approx(
        [sign_flip_permutation(row.tolist()) for row in differences]
    )


def test_many_units_are_drawn_and_agree_with_the_exact_order_of_size() -> None:
    differences = np.vstack([np.ones(30), np.random.default_rng(0).normal(size=30)])
    surely, hardly = sign_flips(differences)
    assert surely < 1e-4 < hardly


def test_who_wins_every_unit_leads_a_tier_alone() -> None:
    found = tiers([ranked("low", *[0.1] * 8), ranked("high", *[0.9] * 8)], is_higher_better=True)
    assert found == {"high": 1, "low": 2}


def test_where_less_is_better_the_least_leads() -> None:
    found = tiers([ranked("low", *[0.1] * 8), ranked("high", *[0.9] * 8)], is_higher_better=False)
    assert found == {"low": 1, "high": 2}


def test_few_units_tell_nobody_apart() -> None:
    assert tiers([ranked("a", 1.0, 1.0, 1.0), ranked("b", 0.0, 0.0, 0.0)], is_higher_better=True) == {
        "a": 1,
        "b": 1,
    }


def test_ranks_skip_as_many_as_share_one() -> None:
    high = [0.9, 0.8] * 6
    entries = [ranked("a", *high), ranked("b", *reversed(high)), ranked("c", *[0.1] * 12)]
    assert tiers(entries, is_higher_better=True) == {"a": 1, "b": 1, "c": 3}


def test_no_entry_ranks_above_a_better_score() -> None:
    generator = np.random.default_rng(5)
    entries = [ranked(str(n), *generator.normal(n / 4, 1, size=10)) for n in range(12)]
    found = tiers(entries, is_higher_better=True)
    order = [found[one.key] for one in sorted(entries, key=lambda one: -one.value)]
    assert order == sorted(order) and order[0] == 1 and order[-1] > 1


def test_no_entries_have_no_ranks() -> None:
    assert tiers([], is_higher_better=True) == {}
