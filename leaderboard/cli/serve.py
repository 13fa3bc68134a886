"""`serve`: show the pages on this machine."""

from contextlib import suppress

from benchmark.cli.exits import OK
from finexl.errors import InvalidInputError
from finexl.explain.folding import say
from leaderboard.cli.command import Command, Given

HELP = """\
Show site/ at 127.0.0.1 until Ctrl-C.

keys
  board=FOLDER    the board (default: board)
  port=8000       0 takes any that is free

examples
  python -m leaderboard serve"""


def main(given: Given) -> int:
    from leaderboard.site.serving import serve

    folder, port = given.place.site, given.number("port", 8000, most=65_535)
    if not (folder / "index.html").is_file():
        raise InvalidInputError(
            f"There must be a site to show. {str(folder)!r} holds none. Write it with `python -m leaderboard build`."
        )
    with suppress(KeyboardInterrupt):
        serve(folder, port=port, started=lambda address: say(f"{address} (Ctrl-C ends it)"))
    return OK


COMMAND = Command(main, HELP, keys=("board", "port"))
