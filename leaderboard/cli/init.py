"""`init`: a repository for a board."""

from pathlib import Path

from benchmark.cli.exits import OK
from finexl.explain.folding import say
from leaderboard.cli.command import Command, Given

HELP = """\
Make a repository for a board: an empty ledger, entries/, submissions/, a workflow that verifies every pull request
without a right to write, and a template for who enters. Files that are there stay.

examples
  python -m leaderboard init board"""


def main(given: Given) -> int:
    from leaderboard.repository import make

    folder = Path(given.alone[0])
    made = make(folder)
    say("\n".join(f"Wrote {path}." for path in made) or f"Everything is in {folder} already.")
    return OK


COMMAND = Command(main, HELP, alone=("FOLDER",))
