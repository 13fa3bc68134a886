"""Lines of the ledger are only added, and what they leave is always the same."""

from pathlib import Path

import pytest
from small_board import Made, admission, answers, entry, scored, submission, wrong

from benchmark.bundle.manifest import Bundle
from finexl.errors import InvalidInputError
from leaderboard.ledger.chain import (
    FIRST,
    Ledger,
    LedgerError,
    ledger_bytes,
    ledger_of,
    line_hash,
    read_ledger,
    require_beginning,
    write_ledger,
)
from leaderboard.ledger.events import Admission, Audit, Audited, Removal, Rescoring

DAY = "2026-03-01"


@pytest.fixture(scope="module")
def first(bundle: Bundle) -> Admission:
    return admission(submission(entry(bundle)))


@pytest.fixture(scope="module")
def second(bundle: Bundle) -> Admission:
    return admission(submission(entry(bundle, answers(bundle, wrong), name="other")))


@pytest.fixture
def ledger(first: Admission, second: Admission) -> Ledger:
    found = Ledger().with_event(first, day=DAY, reason="first")
    return found.with_event(second, day=DAY, reason="second")


def test_every_line_holds_the_hash_of_the_line_before(ledger: Ledger) -> None:
    assert [line.previous for line in ledger.lines] == [FIRST, line_hash(ledger.lines[0])]


def test_a_ledger_is_read_as_it_was_written(ledger: Ledger, tmp_path: Path) -> None:
    write_ledger(tmp_path / "ledger.jsonl", ledger)
    assert read_ledger(tmp_path / "ledger.jsonl") == ledger


def test_a_board_without_a_ledger_has_no_lines(tmp_path: Path) -> None:
    assert read_ledger(tmp_path / "none").lines == ()


@pytest.mark.parametrize(
    "tamper",
    [
        lambda lines: lines[1:],
        lambda lines: lines[::-1],
        lambda lines: [lines[0], lines[0]],
        lambda lines: [lines[0].replace(b'"value":0.5', b'"value":0.9'), lines[1]],
        lambda lines: [lines[0].replace(b'"first"', b'"other"'), lines[1]],
        lambda lines: [lines[0], lines[1].replace(b'"number":2', b'"number": 2')],
        lambda lines: [lines[0], b"{}"],
        lambda lines: [lines[0], b"", lines[1]],
    ],
)
def test_a_ledger_that_was_changed_is_refused(ledger: Ledger, tamper) -> None:
    lines = ledger_bytes(ledger).splitlines()
    with pytest.raises(LedgerError, match="must only be added"):
        ledger_of(b"\n".join(tamper(lines)) + b"\n")


def test_a_last_line_cut_off_is_refused(ledger: Ledger) -> None:
    with pytest.raises(LedgerError):
        ledger_of(ledger_bytes(ledger)[:-1])


def test_a_ledger_must_begin_as_it_did(ledger: Ledger, first: Admission) -> None:
    before = ledger_bytes(ledger)
    longer = ledger.with_event(Removal(entry=first.entry), day=DAY, reason="gone")
    require_beginning(before, ledger_bytes(longer))
    with pytest.raises(LedgerError, match="Line 3 was changed or is gone"):
        require_beginning(ledger_bytes(longer), before)


def test_a_shorter_ledger_is_not_written(ledger: Ledger, tmp_path: Path) -> None:
    write_ledger(tmp_path / "l", ledger)
    with pytest.raises(LedgerError):
        write_ledger(tmp_path / "l", Ledger())


def test_what_was_removed_is_off_the_board_and_still_known(ledger: Ledger, first: Admission) -> None:
    after = ledger.with_event(Removal(entry=first.entry), day=DAY, reason="gone")
    assert [one.admission.entry for one in after.on_board] == [ledger.lines[1].event.entry]
    assert {one.id for one in after.known} == {line.event.entry for line in ledger.lines}


def test_a_rescoring_takes_the_place_of_the_scores(ledger: Ledger, first: Admission) -> None:
    event = Rescoring(
        entry=first.entry, scored=scored(Made(0.9)), audit=Audit(status="reproduced", why="all")
    )
    after = ledger.with_event(event, day=DAY, reason="reader 2")
    standing = after.standings[first.entry]
    assert (standing.scored.scores[0].value, standing.audit.status) == (0.9, "reproduced")
    assert [*after.standings] == [*ledger.standings]


def test_an_audit_takes_the_place_of_the_one_before_and_of_no_score(ledger: Ledger, first: Admission) -> None:
    found = Audit(status="reproduced", why="16 of 16 trials run again")
    event = Audited(entry=first.entry, audit=found)
    after = ledger.with_event(event, day="2026-05-01", reason="run again")
    before, now = (each.standings[first.entry] for each in (ledger, after))
    assert (now.audit, now.scored) == (found, before.scored)
    assert ledger_of(ledger_bytes(after)) == after


def test_an_entry_is_admitted_once(ledger: Ledger, first: Admission) -> None:
    with pytest.raises(InvalidInputError, match="admitted once"):
        ledger.with_event(first, day=DAY, reason="again")


def test_what_is_not_on_the_board_is_not_removed(ledger: Ledger, first: Admission) -> None:
    gone = ledger.with_event(Removal(entry=first.entry), day=DAY, reason="gone")
    with pytest.raises(InvalidInputError, match="is not on it"):
        gone.with_event(Removal(entry=first.entry), day=DAY, reason="again")


def test_days_do_not_go_back(ledger: Ledger, first: Admission) -> None:
    with pytest.raises(InvalidInputError, match="not be older"):
        ledger.with_event(Removal(entry=first.entry), day="2026-02-28", reason="gone")


def test_an_id_ends_in_its_hash(ledger: Ledger, first: Admission) -> None:
    forged = first.model_copy(update={"entry": f"forged@1.0+{'0' * 12}", "sha256": "1" * 64})
    with pytest.raises(InvalidInputError, match="end in its hash"):
        ledger.with_event(forged, day=DAY, reason="forged")
