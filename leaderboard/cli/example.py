"""`example`: an entry, and the facts that authors fill in."""

from benchmark.cli.exits import OK, usage
from finexl.errors import unknown_name
from leaderboard.cli.command import Command, Given

HELP = """\
Print an entry's files as an example, or the facts that authors fill in.

examples
  python -m leaderboard example
  python -m leaderboard example facts > facts.json"""


def main(given: Given) -> int:
    from leaderboard.entry.example import example, facts_to_fill_in

    with usage():
        match given.alone:
            case []:
                print(example(), end="")
            case ["facts"]:
                print(facts_to_fill_in())
            case _:
                raise unknown_name("example", given.alone[0], ("facts",))
    return OK


COMMAND = Command(main, HELP, alone=("[facts]",))
