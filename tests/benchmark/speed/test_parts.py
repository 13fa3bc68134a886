"""Speeds of parts are measured one by one, and what is under way is told before it is done."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from benchmark import cli
from benchmark.speed.parts import Part, Speed, speeds
from finexl.explain.progress import Progress


def test_a_part_is_announced_before_it_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []

    @contextmanager
    def noted(stage: str):
        told.append(stage)
        yield lambda *_: None
        told.append("done")

    monkeypatch.setattr("benchmark.speed.parts.SECONDS", 0.0)
    monkeypatch.setattr(
        "benchmark.speed.parts._world", lambda: iter([Part("nap", "naps", 4, lambda: told.append("work"))])
    )
    found = next(speeds(noted))
    assert (found.part, found.unit) == ("nap", "naps") and found.per_second > 0
    assert told == [
        "loading",
        "done",
        "nap",
        *["work"] * 4,
        "done",
    ]  # once to warm up, three times to be timed


def test_what_is_under_way_goes_to_the_other_stream(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def known(progress: Progress) -> Iterator[Speed]:
        with progress("naps"):
            pass
        yield Speed(part="naps", per_second=1234.5, unit="naps")

    monkeypatch.setattr("benchmark.speed.parts.speeds", known)
    assert cli.main(["bench"]) == 0
    assert capsys.readouterr() == (f"{'naps':32s} {'1,234':>10s} naps/s\n", "naps ...\n")
