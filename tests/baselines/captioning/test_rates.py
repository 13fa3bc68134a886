"""Learning rates follow the published schedules."""

import pytest

from baselines.captioning.rates import Cosine, Halved, Noam


def test_noam_peaks_at_the_end_of_the_warm_up_and_falls_with_the_root() -> None:
    rate = Noam(warmup_steps=100)
    assert [rate.factor(step, 0.0) for step in (50, 100, 400)] == pytest.approx([0.5, 1, 0.5])


def test_halving_stops_after_its_last_time() -> None:
    rate = Halved(every=10, times=2)
    assert [rate.factor(step, 0.0) for step in (9, 10, 20, 90)] == [1, 0.5, 0.25, 0.25]


def test_halving_without_a_last_time_goes_on() -> None:
    assert Halved(every=5).factor(25, 0.0) == 0.5**5


def test_a_cosine_ends_at_two_percent() -> None:
    rate = Cosine(warmup_steps=1)
    assert [rate.factor(5, done) for done in (0.0, 0.5, 1.0)] == pytest.approx([1, 0.51, 0.02])


def test_a_cosine_warms_up() -> None:
    assert Cosine(warmup_steps=4).factor(0, 0.0) == 0.25
