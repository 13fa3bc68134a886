"""`admit`: verify and score an entry, and add it to the ledger."""

import shlex
import shutil
from pathlib import Path

from benchmark.cli.exits import OK, UNSOUND, usage
from finexl.errors import unknown_name
from finexl.explain.folding import say
from leaderboard.cli.audit import RERUN, audited
from leaderboard.cli.command import PLACES, PLACES_HELP, Command, Given
from leaderboard.cli.printing import say_scores, say_verdict
from leaderboard.cli.verify import verdict_of

HELP = f"""\
Verify an entry, score it, copy it to entries/ under its id, and add a line to the ledger. Scoring needs the bundle's
truth.

keys
  reason=TEXT     why, for everybody to read
  role=entry      or control, or ceiling: shown without a rank
  package= rerun= trials= later= output= minutes=   a second run, as for audit
  why=TEXT        without one, why nothing was run again
  despite_copies=yes   admit it though it says what another entry says, for a reason= that everybody can read
  day=2026-01-31  the day of the line (default: today)
{PLACES_HELP}

examples
  python -m leaderboard admit my-entry reason='first entry of its authors'"""


def main(given: Given) -> int:
    from leaderboard.entry.making import write_entry
    from leaderboard.ledger.chain import read_ledger, write_ledger
    from leaderboard.ledger.events import Admission, Audit
    from leaderboard.scores import recompute
    from leaderboard.verify.copies import sketch

    place, path, reason = given.place, Path(given.alone[0]), given.text("reason")
    role = given.get("role") or "entry"
    if role not in ("entry", "control", "ceiling"):
        with usage():
            raise unknown_name("role", role, ("entry", "control", "ceiling"))
    verdict = verdict_of(path, given)
    submission = verdict.submission
    if submission is None or not verdict.is_admissible:
        say_verdict(verdict)
        return UNSOUND
    scored = recompute(given.bundle, submission)
    admission = Admission(
        entry=submission.id,
        sha256=submission.digest,
        bundle=submission.entry.bundle,
        authors=submission.entry.authors,
        role=role,
        scored=scored,
        audit=Audit(status="not run", why="not yet"),
        sketch=sketch(submission.answers),
    )
    # tried before a second run, which may take long, and then with the ledger as it is by that time
    read_ledger(place.ledger).with_event(admission, day=given.day, reason=reason)
    admission = admission.model_copy(update={"audit": audited(submission, given)})
    ledger = read_ledger(place.ledger).with_event(admission, day=given.day, reason=reason)
    _clear(place.entries / submission.id)
    write_entry(place.entries / submission.id, submission.files)
    write_ledger(place.ledger, ledger)
    say_scores(submission, scored)
    say(f"Admitted. Next: python -m leaderboard build board={shlex.quote(str(place.folder))}")
    return OK


def _clear(path: Path) -> None:
    """Take away what a killed admission, or a stranger's pull request, left where an entry goes."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


COMMAND = Command(
    main, HELP, keys=(*PLACES, "reason", "role", *RERUN, "why", "day", "despite_copies"), alone=("PATH",)
)
