"""`ledger`: what was admitted, scored again, removed, and why."""

from benchmark.cli.exits import OK, UNSOUND
from leaderboard.cli.command import PLACES, Command, Given
from leaderboard.cli.printing import complain, say

HELP = """\
Show what happened, and check that every line follows the one before.

keys
  board=FOLDER    the board (default: board)
  since=FILE      an older ledger, which must be its beginning; only what came after is shown
  scores=yes      also score every entry on the board again, and compare; needs the bundle's truth
  bundle=FOLDER   the frozen trials (default: bundle/ in the board's folder)

examples
  python -m leaderboard ledger
  python -m leaderboard ledger scores=yes
  python -m leaderboard ledger since=before.jsonl"""


def main(given: Given) -> int:
    from finexl.explain.folding import counted
    from leaderboard.ledger.chain import LedgerError, ledger_bytes, read_ledger, require_beginning

    try:
        ledger = read_ledger(given.place.ledger)
        before = given.path("since").read_bytes() if given.get("since") else b""
        require_beginning(before, ledger_bytes(ledger))
    except LedgerError as error:
        return complain(error, UNSOUND)
    wants_scores = given.is_yes("scores")
    for line in ledger.lines[before.count(b"\n") :]:
        say(f"{line.number:4d}  {line.day}  {line.event.kind:9s}  {line.event.entry}: {line.reason}")
    say(
        f"{counted(len(ledger.lines), 'line')}, {counted(len(ledger.on_board), 'entry', 'entries')} on the board, "
        f"tip {ledger.tip[:12]}"
    )
    if wants_scores:
        from leaderboard.checking import wrong_scores

        wrong = wrong_scores(given.place, given.bundle, ledger)
        for text in wrong:
            say(text)
        say(
            "Every score is what the words make."
            if not wrong
            else f"Not what the words make: {counted(len(wrong), 'score')}."
        )
        return UNSOUND if wrong else OK
    return OK


COMMAND = Command(main, HELP, keys=(*PLACES, "since", "scores"))
