"""A limit on the time of one explanation in this process."""

import time
from contextlib import suppress
from dataclasses import dataclass

import pytest

from benchmark.explain.explaining import ask_jointly, ask_one
from benchmark.explain.time_limit import OutOfTimeError, TimeLimit
from finexl.toy import ToyWorld
from finexl.values import AnyExplanation, ImagePairs, NoExplanation, TextExplanation

PAIRS = ToyWorld().pairs(levels={"vivid": 1})


@dataclass(frozen=True)
class Slow:
    seconds: float
    name: str = "slow"

    def explain(self, pairs: ImagePairs) -> AnyExplanation:
        with suppress(Exception):  # what an explainer may well do
            time.sleep(self.seconds)
        return TextExplanation(text="vivid")

    def explain_jointly(self, group: tuple[ImagePairs, ...]) -> tuple[AnyExplanation, ...]:
        return tuple(self.explain(pairs) for pairs in group)


def test_an_explanation_that_takes_too_long_is_a_timeout_that_names_the_key() -> None:
    said = ask_one(Slow(30.0), PAIRS, limit=TimeLimit(seconds=0.05))
    assert (
        isinstance(said, NoExplanation) and said.reason == "timeout" and "explainer.seconds=" in said.detail
    )


def test_models_that_are_explained_together_have_the_time_of_all() -> None:
    said = ask_jointly(Slow(0.1), [PAIRS] * 2, limit=TimeLimit(seconds=5.0))
    assert all(isinstance(one, TextExplanation) for one in said)


def test_time_in_which_it_is_paused_does_not_count() -> None:
    limit = TimeLimit(seconds=1.0)
    with limit.running(), limit.paused():
        time.sleep(1.2)


def test_what_is_left_counts_after_a_pause() -> None:
    limit = TimeLimit(seconds=0.1)
    with pytest.raises(OutOfTimeError), limit.running():
        with limit.paused():
            time.sleep(0.01)
        time.sleep(5.0)
