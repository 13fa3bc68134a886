"""`rules`: the rules that an entry must keep."""

from benchmark.cli.exits import OK
from finexl.explain.folding import say
from leaderboard.cli.command import Command, Given

HELP = """\
Print the rules that an entry must keep.

examples
  python -m leaderboard rules"""


def main(given: Given) -> int:
    from leaderboard.entry.problems import RULES

    for name, text in RULES.items():
        say(f"{name:13s} {text}")
    return OK


COMMAND = Command(main, HELP)
