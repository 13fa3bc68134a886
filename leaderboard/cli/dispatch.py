"""From words to a command, and from how it ends to an exit code."""

import shlex
import sys
from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from benchmark.cli.exits import FAILED, INTERRUPTED, OK, USAGE, UsageError
from finexl.errors import FinexlError
from finexl.explain.folding import say
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
made again from it. `python -m leaderboard COMMAND --help` tells more of each, with examples.

for who enters an explainer
  example       an entry, and the facts that authors fill in
  submit        make an entry of what an explainer said
  verify        every rule that an entry breaks, with a fix
  rules         the rules
  schema        JSON Schema of an entry's files

for who looks at the board
  build         write its pages, Markdown, CSV, LaTeX and JSON
  serve         show the pages on this machine
  ledger        what was admitted, scored again, removed, and why

for who keeps it
  init          a repository for a board, with a workflow that verifies
  admit         verify and score an entry, and add it to the ledger
  enter-shipped explain, submit and admit what the suite ships
  audit         run an entry's package again, and compare
  audit-shipped run again what the suite ships and is on the board
  rescore       score entries again
  remove        take an entry off the board, with the reason

examples
  python -m leaderboard example facts > facts.json
  python -m leaderboard submit explanations=answers.jsonl facts=facts.json code=mine.py output=my-entry
  python -m leaderboard verify my-entry

exit codes
  0   done, nothing wrong
  1   failed: a file that cannot be read or written, or a fault (with traceback)
  2   the command line names something that does not exist
  3   done, and found something wrong: an entry breaks a rule, a board is not as it should be
  130 interrupted; what was written is whole"""


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
        again = f"python -m leaderboard {shlex.join(words)}"
        return complain(
            f"Interrupted. What was written is whole; give the command again: {again}", INTERRUPTED
        )


def _dispatch(words: list[str]) -> int:
    if not words or words[0] in ("-h", "--help", "help"):
        say(_TOP, is_manual=True)
        return OK
    name, *rest = words
    if name == "--version":
        from leaderboard import __version__

        say(f"leaderboard {__version__}")
        return OK
    if name not in COMMANDS:
        near = get_close_matches(name, COMMANDS, n=1)
        raise UsageError(
            f"The command must be one of: {', '.join(COMMANDS)}. Got {name!r}."
            + (f" Did you mean: python -m leaderboard {shlex.join([*near, *rest])}" if near else "")
        )
    return COMMANDS[name].run(name, rest)
