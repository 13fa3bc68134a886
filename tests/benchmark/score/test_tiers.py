"""Tiers are shared by whom paired units cannot tell from the best."""

import numpy as np
import pytest

from benchmark.score.statistics import N_DRAWN
from benchmark.score.tiers import Direction, Ranked, n_comparisons, tiers
from finetune.miniature.split import SCORED_PAIRS


def ranked(key: str, *units: float) -> Ranked:
    return Ranked(key=key, value=sum(units) / len(units), units={f"g{n}": one for n, one in enumerate(units)})


def found(*scores: Ranked, direction: Direction = "higher", aspects=None, **more) -> list[str]:
    """The keys of every tier as one word."""
    return ["".join(tier) for tier in tiers(scores, direction=direction, aspects=aspects or {}, **more)]


def test_who_wins_every_unit_leads_a_tier_alone() -> None:
    assert found(ranked("l", *[0.1] * 8), ranked("h", *[0.9] * 8)) == ["h", "l"]


def test_where_less_is_better_the_least_leads() -> None:
    assert found(ranked("l", *[0.1] * 8), ranked("h", *[0.9] * 8), direction="lower") == ["l", "h"]


def test_few_units_tell_nobody_apart() -> None:
    assert found(ranked("a", *[1.0] * 5), ranked("b", *[0.0] * 5)) == ["ab"]


def test_who_cannot_be_told_from_the_leader_shares_its_tier() -> None:
    high = [0.9, 0.8] * 6
    entries = [ranked("a", *high), ranked("b", *reversed(high)), ranked("c", *[0.1] * 12)]
    assert found(*entries) == ["ab", "c"]


def test_no_score_is_in_a_higher_tier_than_a_better_one() -> None:
    generator = np.random.default_rng(5)
    entries = [ranked(chr(97 + n), *generator.normal(n / 4, 1, size=10)) for n in range(12)]
    order = sorted(entries, key=lambda one: -one.value)
    every = found(*entries)
    assert "".join(every) == "".join(one.key for one in order) and len(every) > 1


def test_nobody_makes_no_tiers() -> None:
    assert found() == []


def test_all_comparisons_with_leaders_are_corrected_together() -> None:
    assert n_comparisons([4, 1, 0, 3]) == 5
    pair = ranked("a", *[0.9] * 8), ranked("b", *[0.1] * 8)  # p is 2 / 256
    assert found(*pair, n_tests=6) == ["a", "b"] and found(*pair, n_tests=7) == ["ab"]


def test_who_is_better_over_the_units_that_both_have_is_not_below() -> None:
    others = ranked("b", *[0.6] * 10)
    assert found(ranked("a", *[0.5] * 10, *[1.0] * 10), others) == ["ab"]


def test_units_that_share_aspects_tell_less() -> None:
    """Who wins one chain of pairs wins them for the same reason."""
    won = {"sepia", "vignetted", "vivid", "grainy", "cool"}
    gaps = [0.2 if won & {*pair} else -0.1 for pair in SCORED_PAIRS]
    pair = ranked("a", *(0.5 + gap for gap in gaps)), ranked("b", *[0.5] * 15)
    aspects = {f"g{n}": names for n, names in enumerate(SCORED_PAIRS)}
    assert found(*pair) == ["a", "b"] and found(*pair, aspects=aspects) == ["ab"]


def test_many_units_are_drawn() -> None:
    sure = ranked("a", *[1.0] * 30), ranked("b", *[0.0] * 30)
    assert found(*sure, n_tests=N_DRAWN // 25) == ["a", "b"]


@pytest.mark.parametrize(("n_scores", "n_units"), [(5, 12), (20, 15), (40, 12)])
def test_who_is_best_in_truth_is_in_the_first_tier(n_scores: int, n_units: int) -> None:
    """All but one are as good as that one: nobody is nearer to being taken for better."""
    rng, names = np.random.default_rng(11), [f"{n:02d}" for n in range(n_scores)]
    n_wrong = n_split = 0
    for _ in range(200):
        worths = rng.binomial(6, rng.beta(2, 2, n_units)[None, :], (n_scores, n_units)) / 6
        (first, *others) = tiers(
            [ranked(*each) for each in zip(names, *worths.T, strict=True)], direction="higher", aspects={}
        )
        n_wrong += "00" not in first
        n_split += bool(others)
    assert n_wrong / 200 <= 0.05 and n_split / 200 <= 0.10
