"""From words to a command, and from how it ends to an exit code."""

import shlex
import sys
from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from benchmark.cli.exits import FAILED, OK, USAGE, UsageError
from finexl.errors import FinexlError
from leaderboard.cli import (
    admit,
    audit,
    audit_shipped,
    build,
    enter_shipped,
    example,
    init,
    ledger,
    remove,
    rescore,
    rules,
    schema,
    serve,
    submit,
    verify,
)
from leaderboard.cli.command import Command
from leaderboard.cli.printing import complain

COMMANDS: Mapping[str, Command] = {
    "example": example.COMMAND,
    "submit": submit.COMMAND,
    "verify": verify.COMMAND,
    "rules": rules.COMMAND,
    "schema": schema.COMMAND,
    "build": build.COMMAND,
    "serve": serve.COMMAND,
    "ledger": ledger.COMMAND,
    "init": init.COMMAND,
    "admit": admit.COMMAND,
    "enter-shipped": enter_shipped.COMMAND,
    "audit": audit.COMMAND,
    "audit-shipped": audit_shipped.COMMAND,
    "rescore": rescore.COMMAND,
    "remove": remove.COMMAND,
}
_TOP = """\
usage: python -m leaderboard {submit,verify,audit,build,serve,...} ...

A board of explainers that nobody has to trust: entries hold what explainers said, word for word, and every score is
made again from it.

for who enters an explainer
  example       an entry, and the facts that authors fill in             python -m leaderboard example --help
  submit        make an entry of what an explainer said                  python -m leaderboard submit --help
  verify        every rule that an entry breaks, with a fix              python -m leaderboard verify --help
  rules         the rules                                                python -m leaderboard rules
  schema        JSON Schema of an entry's files                          python -m leaderboard schema

for who looks at the board
  build         write its pages, Markdown, CSV, LaTeX and JSON           python -m leaderboard build --help
  serve         show the pages on this machine                           python -m leaderboard serve --help
  ledger        what was admitted, scored again, removed, and why        python -m leaderboard ledger --help

for who keeps it
  init          a repository for a board, with a workflow that verifies  python -m leaderboard init --help
  admit         verify and score an entry, and add it to the ledger      python -m leaderboard admit --help
  enter-shipped explain, submit and admit what the suite ships           python -m leaderboard enter-shipped --help
  audit         run an entry's package again, and compare                python -m leaderboard audit --help
  audit-shipped run again what the suite ships and is on the board       python -m leaderboard audit-shipped --help
  rescore       score entries again                                      python -m leaderboard rescore --help
  remove        take an entry off the board, with the reason             python -m leaderboard remove --help

examples
  python -m leaderboard example facts > facts.json
  python -m leaderboard submit explanations=answers.jsonl facts=facts.json code=mine.py output=my-entry
  python -m leaderboard verify my-entry

exit codes
  0   done, nothing wrong
  1   failed: a file that cannot be read or written, or a fault (with traceback)
  2   the command line names something that does not exist
  3   done, and found something wrong: an entry breaks a rule, a board is not as it should be"""


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the command line says; returns the exit code that `--help` documents."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        return _dispatch(words)
    except UsageError as error:
        return complain(error, USAGE)
    except FinexlError as error:
        return complain(error, FAILED)
    except BrokenPipeError:  # who reads what is printed has had enough
        raise
    except OSError as error:
        return complain(f"A file must be there and can be read and written: {error}.", FAILED)
    except KeyboardInterrupt:
        return OK


def _dispatch(words: list[str]) -> int:
    if not words or words[0] in ("-h", "--help", "help"):
        print(_TOP)
        return OK
    name, *rest = words
    if name == "--version":
        from leaderboard import __version__

        print(f"leaderboard {__version__}")
        return OK
    if name not in COMMANDS:
        near = get_close_matches(name, COMMANDS, n=1)
        raise UsageError(
            f"The command must be one of: {', '.join(COMMANDS)}. Got {name!r}."
            + (f" Did you mean: python -m leaderboard {shlex.join([*near, *rest])}" if near else "")
        )
    return COMMANDS[name].run(name, rest)
