"""What is left out, cut, converted or fallen back on reaches whoever collects."""

import logging

import pytest

from finexl.notices import Notice, collected, notice, united

LEFT_OUT = Notice(what="corpus", how="left out: it is damaged", n=2, examples=("a.png", "b.png"))


def test_what_is_told_is_collected_once() -> None:
    with collected() as told:
        notice(LEFT_OUT)
        notice(LEFT_OUT)
    assert [*told.values()] == [LEFT_OUT]


def test_a_larger_count_of_the_same_takes_the_place_of_a_smaller() -> None:
    more = Notice(what="corpus", how="left out: it is damaged", n=3)
    assert united([LEFT_OUT, more, LEFT_OUT]) == (more,)


def test_an_outer_collector_hears_what_an_inner_one_did() -> None:
    with collected() as outer, collected():
        notice(LEFT_OUT)
    assert [*outer.values()] == [LEFT_OUT]


def test_where_nobody_collects_the_log_is_told(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        notice(LEFT_OUT)
    assert "2 left out: it is damaged (a.png, b.png)" in caplog.text
