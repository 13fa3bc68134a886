"""`verify`: every rule that an entry breaks, with a fix."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.cli.exits import OK, UNSOUND
from leaderboard.cli.command import PLACES, PLACES_HELP, Command, Given
from leaderboard.cli.printing import say_scores, say_verdict

if TYPE_CHECKING:
    from leaderboard.verify.verifying import Verdict

HELP = f"""\
Check an entry, a folder or an archive (.zip, .tar, .tar.gz), against every rule. What was submitted is only read:
nothing of it is imported, run, fetched or unpacked to the disk. A problem has file, record, rule and fix.

keys
{PLACES_HELP}
  scores=no       do not score what was said, which is done where the truth is in the bundle

examples
  python -m leaderboard verify my-entry
  python -m leaderboard verify my-entry.zip bundle=miniature-2"""


def main(given: Given) -> int:
    is_told = given.get("scores") is not None
    wants_scores = given.is_yes("scores") if is_told else "public" in given.bundle.known_parts
    verdict = verdict_of(Path(given.alone[0]), given)
    say_verdict(verdict)
    if verdict.is_admissible and verdict.submission is not None and wants_scores:
        from leaderboard.scores import recompute

        say_scores(verdict.submission, recompute(given.bundle, verdict.submission))
    return OK if verdict.is_admissible else UNSOUND


def verdict_of(path: Path, given: Given) -> "Verdict":
    """Whether an entry keeps the rules, beside what the board knows."""
    from leaderboard.ledger.chain import read_ledger
    from leaderboard.verify.verifying import Frozen, verify

    bundle = given.bundle
    known = read_ledger(given.place.ledger).known
    verdict = verify(path, bundle=Frozen(manifest=bundle.manifest, sha256=bundle.sha256), known=known)
    if given.is_yes("despite_copies"):
        return replace(verdict, problems=tuple(one for one in verdict.problems if one.rule != "copies"))
    return verdict


COMMAND = Command(main, HELP, keys=(*PLACES, "scores"), alone=("PATH",))
