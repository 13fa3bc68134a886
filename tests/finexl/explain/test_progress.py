"""A stage of work shows a bar on a terminal, a line elsewhere, and nothing where nobody wants to know."""

import io
import threading

import pytest
from rich.console import Console

from finexl.explain.progress import no_progress, progress


def test_a_stage_is_one_line_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("making pictures") as advance:
        advance(1, 2)
    assert capsys.readouterr() == ("", "making pictures ...\n")


def test_a_terminal_is_shown_how_much_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = io.StringIO()
    monkeypatch.setattr(
        "rich.console.Console", lambda **_: Console(file=shown, force_terminal=True, width=80)
    )
    with progress("making pictures") as advance:
        advance(3, 8)
    assert "making pictures" in shown.getvalue() and "3/8" in shown.getvalue()


def test_a_bar_that_does_not_move_is_drawn_with_every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = io.StringIO()
    monkeypatch.setattr(
        "rich.console.Console", lambda **_: Console(file=shown, force_terminal=True, width=80)
    )
    threads = threading.active_count()
    with progress("timing", moves=False) as advance:
        assert "timing" in shown.getvalue() and "3/8" not in shown.getvalue()
        assert threading.active_count() == threads  # nobody draws beside what is timed
        advance(3, 8)
        assert "3/8" in shown.getvalue()


def test_nothing_is_shown_to_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    with no_progress("making pictures") as advance:
        advance(1, 2)
    assert capsys.readouterr() == ("", "")
