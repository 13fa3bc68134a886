"""Lines fit the terminal between words; commands stay such that they can be copied; elsewhere nothing is folded."""

import argparse
import io
import os
import pty
import shlex
import termios

import pytest

from finexl.explain.folding import FoldedHelp, columns, folded, room, say


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_sentence_is_folded_between_words() -> None:
    assert folded("one two three four", width=9) == "one two\nthree\nfour"


def test_nothing_is_folded_where_there_is_no_terminal() -> None:
    assert folded("one two three four", width=None) == "one two three four"


def test_a_row_goes_on_below_its_second_column() -> None:
    row = "  key=N    what it is and what it is good for"
    assert folded(row, width=33) == "  key=N    what it is and what it\n           is good for"


def test_a_long_paragraph_is_folded_as_one_and_ends_where_it_ended() -> None:
    text = "aaaa bbbb cccc dddd\neeee ffff gggg hhhh\niiii.\n\nnext\nkept"
    assert folded(text, width=15, is_manual=True) == (
        "aaaa bbbb cccc\ndddd eeee ffff\ngggg hhhh iiii.\n\nnext\nkept"
    )


def test_an_item_of_a_list_goes_on_further_to_the_right() -> None:
    assert folded("  one two three\n  four", width=9) == "  one two\n    three\n  four"


def test_what_is_no_manual_has_every_line_by_itself() -> None:
    assert folded("aaaa bbbb cccc\ndddd", width=9) == "aaaa bbbb\ncccc\ndddd"


def test_two_spaces_in_a_sentence_make_no_row() -> None:
    text = "A sentence that is long enough  (and a remark)"
    assert folded(text, width=30) == "A sentence that is long enough\n(and a remark)"


def test_a_command_in_a_sentence_has_a_line_to_itself() -> None:
    text = "Get it with: python -m finexl get clip"
    assert folded(text, width=30) == "Get it with:\npython -m finexl get clip"
    quoted = "Run `python -m leaderboard rules` for the rules."
    assert folded(quoted, width=40) == "Run `python -m leaderboard rules` for\nthe rules."


def test_a_command_in_a_sentence_that_is_wider_than_the_terminal_can_be_copied() -> None:
    assert folded("Interrupted. Go on with: python -m benchmark run output=out workers=1", width=30) == (
        "Interrupted. Go on with:\npython -m benchmark run \\\n    output=out workers=1"
    )


def test_a_command_that_is_a_line_can_be_copied_when_it_is_folded() -> None:
    command = (
        "  python -m finetune advise --want 'vivid 2, grainy 1' --shares 'vivid 1, grainy 1' --to advice"
    )
    lines = folded(command, width=44)
    assert all(len(line) <= 44 for line in lines.split("\n"))
    assert shlex.split(lines.replace("\\\n", " ")) == shlex.split(command)


def test_what_a_command_does_stands_behind_it_or_below_it() -> None:
    assert (
        folded("  python -m x run    does this and that", width=39)
        == "  python -m x run    does this and that"
    )
    assert folded("  python -m x run    does this and that", width=30) == (
        "  python -m x run\n      does this and that"
    )


def test_rows_of_a_markdown_table_are_left_alone() -> None:
    assert folded("| a | b | c |", width=5) == "| a | b | c |"


def test_columns_are_those_of_the_terminal_unless_they_are_stated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    inside, outside = pty.openpty()
    try:
        termios.tcsetwinsize(outside, (24, 61))
        with os.fdopen(os.dup(outside), "w") as stream:
            assert columns(stream) == 61
            monkeypatch.setenv("COLUMNS", "72")
            assert columns(stream) == 72
    finally:
        os.close(inside)
        os.close(outside)


def test_a_file_has_no_columns_and_a_table_in_it_the_room_that_is_usual(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    assert columns(io.StringIO()) is None
    assert room(otherwise=110) == 110
    monkeypatch.setenv("COLUMNS", "80")
    assert columns(io.StringIO()) is None  # an error in a log stays in one line
    assert room(otherwise=110) == 80


def test_a_message_is_one_line_in_a_file_and_folded_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    file, terminal = io.StringIO(), Terminal()
    for stream in (file, terminal):
        say("words that are told in one line", file=stream)
    assert file.getvalue() == "words that are told in one line\n"
    assert terminal.getvalue() == "words that are told\nin one line\n"


def test_help_is_folded_with_its_usage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setattr("sys.stdout", Terminal())
    parser = argparse.ArgumentParser(
        usage="python -m x PATH [board=...] [bundle=...]",
        description="Long words of what it does\nand what it leaves, at length",
        formatter_class=FoldedHelp,
    )
    told = parser.format_help()
    assert told.startswith("usage: python -m x PATH [board=...]\n       [bundle=...]\n")
    assert max(map(len, told.split("\n"))) <= 40
