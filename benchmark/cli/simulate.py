"""`simulate`: what intervals, tests and guesses promise."""

from benchmark.cli.exits import OK, usage
from benchmark.cli.parsing import parser
from finexl.errors import InvalidInputError
from finexl.explain.folding import say
from finexl.explain.progress import progress

HELP = """\
Hold intervals, tests, tiers and chances against worlds in which the truth is known, with the functions that make
scores and fixed seeds, in about half a minute. docs/scoring.md shows what it prints:
  python -m benchmark docs run='python -m benchmark simulate' && python -m benchmark docs

examples
  python -m benchmark simulate"""


def main(words: list[str]) -> int:
    arguments = parser("simulate", HELP, positional="").parse_args(words)
    with usage():
        if arguments.words:
            raise InvalidInputError(f"`simulate` takes nothing. Got {' '.join(arguments.words)!r}.")
    with progress("loading"):
        from benchmark.simulate.simulations import lines, simulations

    for found in simulations(progress):
        say("\n".join([*lines(found), ""]))
    return OK
