"""The board is made of ledger and entries alone, and its files keep text as text."""

import csv
import io
import json
import re

import pytest
from small_board import Made, admission, answers, entry, scored, submission, wrong

from benchmark.bundle.manifest import Bundle
from leaderboard.board.escaping import csv_cell, latex, markdown, terminal
from leaderboard.board.formats import FORMATS, as_csv, as_json, as_latex, as_markdown
from leaderboard.board.published import published
from leaderboard.board.table import Board, BoardError, board, shown
from leaderboard.ledger.chain import Ledger
from leaderboard.ledger.events import Removal

HIGH, LOW = (0.9, 0.8, 0.9, 0.8, 0.9, 0.8, 0.9, 0.8), (0.1,) * 8


@pytest.fixture(scope="module")
def small(bundle: Bundle) -> tuple[Ledger, dict[str, object]]:
    """Two entries and a control of the solo track, and one told."""
    made = [
        (
            "good",
            "solo",
            "entry",
            scored(Made(0.85, HIGH), Made(0.7, (), "lower", "rank_mae", "single_aspect")),
        ),
        ("bad", "solo", "entry", scored(Made(0.1, LOW), n_unreadable=4)),
        ("constant", "solo", "control", scored(Made(0.17, (0.17,) * 8))),
        ("teller", "told", "entry", scored(Made(0.99, HIGH))),
    ]
    ledger, entries = Ledger(), {}
    for place, (name, track, role, found) in enumerate(made):
        claimed = [{"scenario": "multi_aspect", "metric": "selection_accuracy", "value": 1.0}]
        files = entry(
            bundle, answers(bundle, wrong), name=name, track=track, version=f"1.{place}", claimed=claimed
        )
        one = submission(files)
        ledger = ledger.with_event(admission(one, found, role=role), day="2026-03-01", reason="test")
        entries[one.id] = one.entry
    return ledger, entries


@pytest.fixture(scope="module")
def made(small) -> Board:
    return board(*small)


def test_tracks_are_kept_apart(made: Board) -> None:
    assert {track.name: [row.entry.name for row in track.rows] for track in made.tracks} == {
        "solo": ["good", "constant", "bad"],
        "joint": [],
        "told": ["teller"],
    }


def test_controls_stand_where_their_score_is_and_take_no_rank(made: Board) -> None:
    ranks = {row.entry.name: row.cells[0].rank for row in made.tracks[0].rows if row.cells[0]}
    assert ranks == {"good": 1, "constant": None, "bad": 2}


def test_the_order_of_admission_changes_no_rank(small) -> None:
    ledger, entries = small
    again = Ledger()
    for line in reversed(ledger.lines):
        again = again.with_event(line.event, day=line.day, reason=line.reason)
    names = [[row.entry.name for row in track.rows] for track in board(again, entries).tracks]
    assert names == [[row.entry.name for row in track.rows] for track in board(ledger, entries).tracks]


def test_an_entry_without_a_score_has_a_dash_and_not_zero(made: Board) -> None:
    good, constant, _ = made.tracks[0].rows
    assert good.cells[1] is not None and constant.cells[1] is None


def test_a_claimed_number_stands_beside_the_recomputed(made: Board) -> None:
    (one,) = made.tracks[0].rows[0].claimed
    assert (one.claimed, one.recomputed) == (1.0, 0.85)


def test_a_removed_entry_is_listed_with_its_reason(small) -> None:
    ledger, entries = small
    id = ledger.lines[0].event.entry
    after = board(ledger.with_event(Removal(entry=id), day="2026-03-02", reason="a wish"), entries)
    assert [(one.id, one.reason) for one in after.removed] == [(id, "a wish")]
    assert id not in {row.id for track in after.tracks for row in track.rows}


def test_an_entry_that_is_missing_is_named(small) -> None:
    ledger, entries = small
    with pytest.raises(BoardError, match=r"good@1\.0"):
        board(ledger, {id: one for id, one in entries.items() if not id.startswith("good")})


@pytest.mark.parametrize("end", FORMATS)
def test_every_format_is_the_same_again(end: str, small) -> None:
    assert FORMATS[end](board(*small)) == FORMATS[end](board(*small))


def test_csv_holds_numbers_as_they_are(made: Board) -> None:
    rows = [*csv.DictReader(io.StringIO(as_csv(made)))]
    assert [row["multi_aspect.selection_accuracy"] for row in rows] == ["0.85", "0.17", "0.1", "0.99"]
    assert rows[0]["multi_aspect.selection_accuracy.rank"] == "1" and rows[1]["single_aspect.rank_mae"] == ""


def test_json_is_strict_and_holds_canonical_ids(made: Board) -> None:
    found = json.loads(as_json(made), parse_constant=pytest.fail)
    assert [row["id"].partition("+")[0] for row in found["tracks"]["told"]] == ["teller@1.3"]


def test_markdown_has_as_many_cells_in_every_line(made: Board) -> None:
    tables = [block for block in as_markdown(made).split("\n\n") if block.startswith("|")]
    assert len(tables) == 2
    for table in tables:
        assert len({len(re.split(r"(?<!\\)\|", line)) for line in table.splitlines()}) == 1


def test_latex_has_as_many_cells_in_every_line(made: Board) -> None:
    lines = [line for line in as_latex(made).splitlines() if line.endswith("\\\\")]
    assert {len(re.split(r"(?<!\\)&", line)) for line in lines[:4]} == {6}


def test_shares_are_in_hundredths_and_ranks_are_not() -> None:
    assert [shown(0.4213, is_share=True), shown(0.7, is_share=False), shown(None, is_share=True)] == [
        "42.1",
        "0.70",
        "–",
    ]


def test_a_share_of_which_less_is_better_is_in_hundredths_too(bundle: Bundle) -> None:
    one = submission(entry(bundle))
    found = scored(Made(0.25, (), "lower", "false_alarms", "unchanged"))
    ledger = Ledger().with_event(admission(one, found), day="2026-03-01", reason="test")
    assert " 25.0 (15.0–35.0) " in as_markdown(board(ledger, {one.id: one.entry}))


def test_the_papers_numbers_have_a_table_and_a_section_each() -> None:
    assert [(one.table, one.section) for one in published().tables] == [
        ("1", "6.1"),
        ("2", "6.1"),
        ("3", "6.2"),
        ("5", "6.5"),
        ("6", "6.5"),
    ]
    assert all(len(row) == len(one.columns) for one in published().tables for _, row in one.rows)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "＝1", "'=1"])
def test_no_cell_begins_a_formula(text: str) -> None:
    assert csv_cell(text).startswith("'")


@pytest.mark.parametrize(
    "text",
    [
        "[a](javascript:x)",
        "<img src=x>",
        "a | b",
        "![](x)",
        "`code`",
        "**b**",
        "http://a.org",
        "a\n\n# b",
        "~~a~~",
    ],
)
def test_markdown_keeps_text_as_text(text: str) -> None:
    left = re.sub(r"\\[\\`*_{}\[\]()#+.!|~$@:=^-]|&(amp|lt|gt);", "", markdown(text))
    assert not set("[]()<>|`*#!:~\n") & {*left}


@pytest.mark.parametrize(
    "text", ["\\input{/etc/passwd}", "a & b", "50 %", "$x_1^2$", "~\\\\[1cm]", "#1", "--- ``a''"]
)
def test_latex_keeps_text_as_text(text: str) -> None:
    known = r"\\text(backslash|asciitilde|asciicircum|less|greater|quotedblright|asciigrave|bar)\{\}|\\[{}$&#%_]|\{-\}"
    assert not set("\\{}$&#%_~^`") & {*re.sub(known, "", latex(text))}


def test_the_terminal_is_not_steered() -> None:
    assert terminal("a\x1b[2J\u202eb\nc") == "a�[2J�b c"
