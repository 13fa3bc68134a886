"""Advice raises the shares of what a model shows too little of, and comes nearer to hidden wishes."""

import random
from collections.abc import Mapping
from pathlib import Path
from statistics import mean

import pytest

from finetune.explaining.advice.advising import (
    better_shares,
    in_parts,
    pictures_in,
    read_wish,
    regret,
    rounds_of,
)
from finexl.errors import InvalidInputError


@pytest.mark.parametrize(
    "text", ["", "vivid", "vivid 2", "vivid 2, vivid 1", "vivid 0, grainy 1", "vivid -1, a 1", "a nan, b 1"]
)
def test_what_is_no_wish_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError, match="wish"):
        read_wish(text)


def test_aspects_may_have_several_words() -> None:
    assert read_wish("oil painting 1, film grain 0.5") == {"oil painting": 1.0, "film grain": 0.5}


def test_regret_is_nothing_at_the_wish_and_one_where_nothing_of_it_shows() -> None:
    wish = {"a": 2.0, "b": 1.0}
    assert regret({"a": 0.4, "b": 0.2}, wish) == pytest.approx(0) and regret({"a": 0, "b": 0}, wish) == 1


def test_a_model_that_fulfils_the_wish_is_left_as_it_is() -> None:
    shares = {"a": 0.3, "b": 0.7}
    assert better_shares([(shares, {"a": 0.8, "b": 0.4})], {"a": 2, "b": 1}) == pytest.approx(shares)


def test_what_does_not_show_at_all_gets_a_larger_share_and_not_all() -> None:
    found = better_shares([({"a": 1, "b": 1}, {"a": 1.0, "b": 0.0})], {"a": 1, "b": 1})
    assert 0.5 < found["b"] < 1


@pytest.mark.parametrize("whole", [3, 7, 16])
def test_parts_are_whole_and_of_every_aspect(whole: int) -> None:
    parts = in_parts({"a": 0.98, "b": 0.015, "c": 0.005}, whole)
    assert sum(parts.values()) == whole and min(parts.values()) >= 1 and parts["a"] == whole - 2


def test_two_rounds_halve_the_regret_of_20_hidden_wishes_at_unlike_aspects() -> None:
    chance, before, after = random.Random(7), [], []
    for _ in range(20):
        wish = {name: chance.uniform(0.5, 4) for name in ("a", "b", "c")[: chance.choice((2, 3))]}
        gains = {name: (chance.uniform(0.4, 1.2), chance.uniform(0.7, 1.5)) for name in wish}

        def trained(
            parts: Mapping[str, int], gains: Mapping[str, tuple[float, float]] = gains
        ) -> dict[str, float]:
            whole = sum(parts.values())
            return {
                name: gains[name][0] * (n / whole) ** gains[name][1] * chance.uniform(0.93, 1.07)
                for name, n in parts.items()
            }

        regrets = [done.regret for done in rounds_of(wish, trained=trained, whole=16, n_rounds=2)]
        before.append(regrets[0])
        after.append(min(regrets))
    assert mean(after) < mean(before) / 2


def test_the_next_round_lies_between_those_that_fell_short_and_went_too_far() -> None:
    shown = iter([{"a": 1.0, "b": 3.0}, {"a": 3.0, "b": 0.0}, {"a": 1.0, "b": 1.0}])
    first, second, third = rounds_of({"a": 1, "b": 1}, trained=lambda _: next(shown), whole=16, n_rounds=2)
    assert first.parts["a"] < third.parts["a"] < second.parts["a"]


def test_a_model_that_shows_nothing_of_the_wish_leaves_shares_to_the_wish() -> None:
    found = better_shares([({"a": 1, "b": 1}, {"a": 0.0, "b": 0.0})], {"a": 3, "b": 1})
    assert found == {"a": 0.75, "b": 0.25}


def test_shares_are_counted_from_folders(tmp_path: Path) -> None:
    for name, n in (("vivid", 3), ("grainy", 1)):
        (tmp_path / name).mkdir()
        for index in range(n):
            (tmp_path / name / f"{index}.PNG").touch()
        (tmp_path / name / "0.txt").touch()
    assert pictures_in(tmp_path, {"vivid": 1, "grainy": 1}) == {"vivid": 3, "grainy": 1}
    with pytest.raises(InvalidInputError, match="faded"):
        pictures_in(tmp_path, {"vivid": 1, "faded": 1})
