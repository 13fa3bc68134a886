"""`schema`: JSON Schema of an entry's files."""

from benchmark.cli.exits import OK
from leaderboard.cli.command import Command, Given

HELP = """\
Print the JSON Schema of the records of every file of an entry.

examples
  python -m leaderboard schema > entry.schema.json"""


def main(given: Given) -> int:
    import json

    from leaderboard.entry.schema import json_schemas

    print(json.dumps(json_schemas(), indent=1))
    return OK


COMMAND = Command(main, HELP)
