"""Rows are compared inside their track, over the groups that they share, and ranked in tiers."""

from collections.abc import Sequence

import numpy as np
import pytest

from benchmark.record.records import Track
from benchmark.score.comparisons import by_track, compared
from benchmark.score.scores import Score, ScoreRow

RNG = np.random.default_rng(0)
LUCK = RNG.normal(0, 0.2, 15)
"""What makes a group hard for everyone."""


def row(explainer: str, units: Sequence[float], *, track: Track = "solo", direction="higher") -> ScoreRow:
    value = float(np.mean(units))
    own = Score(
        name="selection_accuracy",
        direction=direction,
        value=value,
        low=None,
        high=None,
        chance=1 / 6,
        n=len(units),
        certified_value=value,
        certified_chance=1 / 6,
        units=tuple((f"g{number}", float(unit)) for number, unit in enumerate(units)),
    )
    return ScoreRow(
        scenario="multi_aspect",
        explainer=explainer,
        track=track,
        scores=(own,),
        n_groups=len(units),
        n_certified=len(units),
        n_models=6 * len(units),
        n_unreadable=0,
        outcomes=(("ok", 6 * len(units)),),
        naming_accuracy=None,
        tau=None,
        seconds=1.0,
        vlm_calls=0,
        vlm_tokens=0,
        dollars=None,
        peak_memory_mb=1.0,
    )


def worths(mean: float, n: int = 15) -> np.ndarray:
    return mean + LUCK[:n] + RNG.normal(0, 0.02, n)


def test_explainers_that_differ_in_every_group_are_in_tiers_of_their_own() -> None:
    found = compared([row("b", worths(0.5)), row("a", worths(0.7)), row("c", worths(0.3))])
    assert found.tiers == {"a": 1, "b": 2, "c": 3}


def test_explainers_that_cannot_be_told_apart_share_a_tier() -> None:
    found = compared([row("a", worths(0.7)), row("b", worths(0.7)), row("c", worths(0.3))])
    assert found.tiers == {"a": 1, "b": 1, "c": 2}


def test_who_leads_a_tier_is_the_first_that_is_worse_than_its_leader() -> None:
    """Each is near the one before, and the third is far from the first."""
    base = worths(0.7)
    halves = np.where(np.arange(15) % 2, 0.1, -0.08)
    found = compared(
        [row("a", base), row("b", base - halves), row("c", base - 0.15), row("d", base - 0.15 - halves)]
    )
    assert found.tiers == {"a": 1, "b": 1, "c": 2, "d": 2}


def test_tracks_are_ranked_by_themselves_and_not_compared() -> None:
    found = compared(
        [
            row("a", worths(0.3)),
            row("b", worths(0.2)),
            row("c", worths(0.9), track="joint"),
            row("d", worths(0.8), track="told"),
        ]
    )
    assert found.tiers == {"a": 1, "b": 2, "c": 1, "d": 1}
    assert found.n_tests == 1


def test_all_tests_of_a_table_are_corrected_together() -> None:
    rows = [row(name, worths(0.5)) for name in "abc"] + [
        row(name, worths(0.5), track="told") for name in "de"
    ]
    assert compared(rows).n_tests == 2 + 1


def test_where_few_groups_are_shared_nothing_is_ranked() -> None:
    found = compared([row("a", worths(0.7, 3)), row("b", worths(0.1, 15))])
    assert (found.tiers, found.n_units) == ({}, 3)


def test_who_is_better_over_the_shared_groups_is_not_ranked_below_for_the_others() -> None:
    """The first has ten easy groups more."""
    found = compared([row("a", [0.5] * 10 + [1.0] * 10), row("b", [0.6] * 10)])
    assert found.tiers == {"a": 1, "b": 1}


def test_what_more_groups_would_tell_apart_follows_from_the_spread_of_differences() -> None:
    found = compared([row("a", worths(0.7, 3)), row("b", worths(0.5, 3))])
    assert found.spread is not None and found.detectable(3) is None
    many, more = found.detectable(15), found.detectable(60)
    assert many is not None and more is not None and more < many


def test_equal_rows_have_no_spread_to_learn_from() -> None:
    found = compared([row("a", [0.5] * 3), row("b", [0.5] * 3)])
    assert (found.spread, found.detectable(15)) == (None, None)


def test_a_single_explainer_is_compared_with_none() -> None:
    assert compared([row("a", worths(0.5))]).n_tests == 0


@pytest.mark.parametrize(("direction", "first"), [("higher", "b"), ("lower", "a")])
def test_tracks_come_in_order_with_the_best_first(direction: str, first: str) -> None:
    rows = [
        row("c", worths(0.9), track="told", direction=direction),
        row("a", worths(0.2), direction=direction),
        row("b", worths(0.6), direction=direction),
    ]
    found = by_track(rows)
    assert [*found] == ["solo", "told"] and found["solo"][0].explainer == first
