"""`remove`: take an entry off the board, with the reason."""

import shlex

from benchmark.cli.exits import OK, usage
from finexl.errors import unknown_name
from finexl.explain.folding import say
from leaderboard.cli.command import Command, Given

HELP = """\
Take an entry off the board. Its lines stay in the ledger, its name stays taken, and its copies stay copies.

keys
  reason=TEXT     why, shown on the board
  day=2026-01-31 board=FOLDER   as for admit

examples
  python -m leaderboard remove brightness@1.0.0+0123456789ab reason='withdrawn by its authors'"""


def main(given: Given) -> int:
    from leaderboard.ledger.chain import read_ledger, write_ledger
    from leaderboard.ledger.events import Removal

    place, (entry,) = given.place, given.alone
    ledger = read_ledger(place.ledger)
    with usage():
        if entry not in {one.admission.entry for one in ledger.on_board}:
            raise unknown_name("entry", entry, [one.admission.entry for one in ledger.on_board] or ["none"])
    ledger = ledger.with_event(Removal(entry=entry), day=given.day, reason=given.text("reason"))
    write_ledger(place.ledger, ledger)
    say(f"Removed {entry}. Next: python -m leaderboard build board={shlex.quote(str(place.folder))}")
    return OK


COMMAND = Command(main, HELP, keys=("board", "reason", "day"), alone=("ENTRY",))
