"""`audit-shipped`: run again what the suite ships and is on the board."""

import shlex

from benchmark.cli.exits import OK, UNSOUND
from leaderboard.cli.audit import audited, note_audit
from leaderboard.cli.command import PLACES, PLACES_HELP, Command, Given
from leaderboard.cli.enter_shipped import standing_of
from leaderboard.cli.printing import say, say_audit

HELP = f"""\
Run again every explainer of the suite that is on the board, as `audit package=suite` does, and add what is found to the
ledger, a line each as soon as it is known. Those that were run again already are passed over unless explainer= names
them, and what was said is kept, so the same command goes on where it stopped.

keys
  explainer=NAMES     some of them, divided by commas (default: all)
  trials=N later=TEXT output=FOLDER minutes=30   as for audit
  reason=TEXT day=... as for admit
{PLACES_HELP}

examples
  python -m leaderboard audit-shipped board=docs/board
  python -m leaderboard audit-shipped board=docs/board explainer=random,constant"""


def main(given: Given) -> int:
    from leaderboard.ledger.chain import read_ledger
    from leaderboard.shipped import shipped_explainers
    from leaderboard.site.building import admitted

    read_ledger(given.place.ledger).require_day(given.day)
    chosen = shipped_explainers(given.get("explainer"))
    reason, statuses = given.get("reason") or "the suite's code was run again", list[str]()
    for number, (name, _) in enumerate(chosen, start=1):
        say(f"--- {number} of {len(chosen)}: {name}")
        standing = standing_of(name, given.place)
        if standing is None:
            say("It is not on the board.")
        elif given.get("explainer") is None and standing.audit.status != "not run":
            say(f"It was run again: {standing.audit.status}.")
        else:
            found = audited(admitted(given.place, standing), given, package="suite")
            say_audit(standing.admission.entry, found)
            statuses.append(found.status)
            if found != standing.audit:
                note_audit(standing.admission.entry, found, given, reason=reason)
    say(f"Next: python -m leaderboard build board={shlex.quote(str(given.place.folder))}")
    return UNSOUND if "differs" in statuses else OK


COMMAND = Command(
    main, HELP, keys=(*PLACES, "explainer", "trials", "later", "output", "minutes", "reason", "day")
)
