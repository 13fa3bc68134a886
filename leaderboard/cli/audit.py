"""`audit`: run an entry's package again, and compare."""

from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.cli.exits import OK, UNSOUND, UsageError
from leaderboard.cli.command import PLACES, PLACES_HELP, Command, Given
from leaderboard.cli.printing import say, say_audit, say_verdict
from leaderboard.cli.verify import verdict_of

if TYPE_CHECKING:
    from leaderboard.auditing import Rerun
    from leaderboard.ledger.events import Audit
    from leaderboard.verify.verifying import Submission

HELP = f"""\
Run the explainer of an entry again and compare: reproduced, differs (with the numbers), or not run. Its package runs
where it finds nothing but what it is shown: no truth, file, network, home or other process, within limits. Amounts may
differ by a thousandth of the largest. Models are not asked again: the entry holds what they replied, and the same
question gets the same reply.

keys
  package=PATH    a wheel, or the folder of a project, which is built where it finds nothing either; or a word.
                  requirement: what the entry names is fetched, wheels alone. What it depends on is not fetched.
                  suite: the entry is an explainer of the suite, whose code is here; nothing is installed
  trials=N        run N trials only (default: all); they and their order are drawn by a hash of the entry and later=
  later=TEXT      something nobody knew when the entry was made, as the commit that admits it (default: the day)
  output=FOLDER   keeps what was said, so that the same command goes on where it stopped (default: audited)
  minutes=30      after which it stops
  rerun=FILE      instead of all this, what a second run said elsewhere, in the form of explanations.jsonl
  reason=TEXT     adds what was found to the ledger; for the id of an entry on the board
  day=2026-01-31  the day of that line (default: today)
{PLACES_HELP}

examples
  python -m leaderboard audit my-entry package=mine-1.0.0-py3-none-any.whl
  python -m leaderboard audit my-entry package=mine trials=20 later=4f2a91c
  python -m leaderboard audit my-entry rerun=second.jsonl
  python -m leaderboard audit brightness@1.0.0+0123456789ab package=mine reason='asked for by a reader'"""

RERUN = ("rerun", "package", "trials", "later", "output", "minutes")
"""Keys of a second run."""


def main(given: Given) -> int:
    from leaderboard.ledger.chain import read_ledger
    from leaderboard.site.building import admitted

    ledger = read_ledger(given.place.ledger)
    on_board = {one.admission.entry: one for one in ledger.on_board}
    standing = on_board.get(given.alone[0])
    if standing is not None:
        if given.get("reason"):
            ledger.require_day(given.day)
        submission = admitted(given.place, standing)
    elif given.get("reason"):
        raise UsageError(
            f"`reason` must be about an entry on the board, to whose lines it is added. {given.alone[0]!r} is none. "
            "Give its id, or leave reason= out to be told what is found."
        )
    else:
        verdict = verdict_of(Path(given.alone[0]), given)
        submission = verdict.submission
        if submission is None or not verdict.is_admissible:
            say_verdict(verdict)
            return UNSOUND
    found = audited(submission, given)
    say_audit(submission.id, found)
    if given.get("reason"):
        note_audit(submission.id, found, given, reason=given.text("reason"))
    return UNSOUND if found.status == "differs" else OK


def note_audit(entry: str, found: "Audit", given: Given, *, reason: str) -> None:
    """Add to the ledger what a second run found."""
    from leaderboard.ledger.chain import read_ledger, write_ledger
    from leaderboard.ledger.events import Audited

    ledger = read_ledger(given.place.ledger)  # as it is now: a second run may take long
    ledger = ledger.with_event(Audited(entry=entry, audit=found), day=given.day, reason=reason)
    write_ledger(given.place.ledger, ledger)


def audited(submission: "Submission", given: Given, *, package: str | None = None) -> "Audit":
    """What a second run finds, if any is given; `package` goes before that of the words."""
    from finexl.explain.folding import counted
    from leaderboard.auditing import audit, drawn, recorded
    from leaderboard.rerun.packages import PackageError

    trials = drawn(
        [answer.trial for answer in submission.answers],
        digest=submission.digest,
        later=given.get("later") or given.day,
        n=given.number("trials", 0),
    )
    if given.get("rerun") is not None:
        return audit(submission, recorded(given.path("rerun")), trials=trials)
    if (package := package or given.get("package")) is not None:
        try:
            say(
                f"{submission.id}: {counted(len(trials), 'trial')} to run again, within {_minutes(given)} minutes"
            )
            rerun, manner = _rerun(submission, given, package)
        except PackageError as error:
            why = str(error)
            return audit(submission, lambda entry, trials: why, trials=trials)
        return audit(submission, rerun, trials=trials, manner=manner)
    why = given.get("why") or "no second run was given"
    return audit(submission, lambda entry, trials: why, trials=trials)


def _minutes(given: Given) -> int:
    return given.number("minutes", 30)


def _rerun(submission: "Submission", given: Given, package: str) -> "tuple[Rerun, str]":
    """What runs the package that is given, the one that the entry names or the suite's own; and in which manner."""
    from leaderboard.rerun.encoders import encoder_of
    from leaderboard.rerun.packages import PackageError
    from leaderboard.rerun.running import AuditLimits, PackageRun
    from leaderboard.rerun.suite import suite_explainer

    entry, bundle = submission.entry, given.bundle
    manner = ["with the replies that the entry holds"] if entry.vlms else []
    match package:
        case "suite":
            source = suite_explainer(entry, bundle.manifest.vocabulary)
            if source.code_sha256 != entry.code_sha256:
                manner.append("by code that has changed since")
        case "requirement":
            if entry.requirement is None:
                raise PackageError("the entry names no package")
            source = entry.requirement
        case path:
            source = Path(path)
    rerun = PackageRun(
        bundle=bundle,
        source=source,
        kept=Path(given.get("output") or "audited"),
        encoder=encoder_of,
        limits=AuditLimits(minutes=float(_minutes(given))),
        tell=say,
    )
    return rerun, " ".join(manner)


COMMAND = Command(main, HELP, keys=(*PLACES, *RERUN, "why", "reason", "day"), alone=("PATH|ENTRY",))
