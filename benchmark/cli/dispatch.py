"""From words to a command, and from how it ends to an exit code."""

import errno
import sys
from collections.abc import Callable, Sequence
from difflib import get_close_matches

from benchmark.cli import (
    agree,
    bench,
    check,
    curve,
    docs,
    explain,
    freeze,
    paper,
    report,
    run,
    simulate,
    sync,
    tune,
)
from benchmark.cli import list as listing
from benchmark.cli.exits import FAILED, INTERRUPTED, OK, USAGE, UsageError, complain, usage
from benchmark.cli.suggesting import command_line, meant
from finexl.errors import FinexlError, InvalidInputError
from finexl.explain.consoles import forgiving
from finexl.explain.folding import say
from finexl.paths import plain_paths

COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "run": run.main,
    "curve": curve.main,
    "freeze": freeze.main,
    "explain": explain.main,
    "table": paper.table,
    "figure": paper.figure,
    "paper": paper.paper,
    "list": listing.main,
    "report": report.main,
    "sync": sync.main,
    "bench": bench.main,
    "check": check.main,
    "tune": tune.main,
    "simulate": simulate.main,
    "agree": agree.main,
    "docs": docs.main,
}
_TOP = """\
usage: python -m benchmark {run,curve,freeze,explain,table,figure,paper,list,report,...} ...

Personalizes text-to-image models in known ways, lets explainers explain them blind, and says how right
they were.

  run      make models and images, explain, read, score
  curve    how scores grow with the number of prompts
  freeze   the models of runs as images, for a leaderboard
  explain  what an explainer says of frozen models
  table    a table of the paper, measured beside published
  figure   a figure of the paper
  paper    all of them, and whether the paper's claims hold
  list     scenarios, presets, explainers and other choices
  report   one page of all finished runs, or of some
  sync     send finished runs to Weights & Biases
  bench    how fast parts and explainers are on this machine
  check    whether an explainer keeps the contract of runs
  tune     FineXL's order of trial and e_ortho
  simulate what intervals, tests and guesses promise
  agree    whether runs name the same change as strongest
  docs     numbers in README and docs, from kept results

examples
  python -m benchmark run                                  a first look in about a minute (preset smoke)
  python -m benchmark run scenario=multi_aspect            18 selection trials (preset lite)
  python -m benchmark run scenario=multi_aspect --dry-run  what that would take
  python -m benchmark list explainer                       who can be asked

exit codes
  0    done
  1    failed: no room on the disk, unwritable folder, missing weights, or a fault (with traceback)
  2    the command line names something that does not exist
  3    done, but more than 10% of the explanations failed (the same command asks those again), or a check did
  130  interrupted; the same command goes on where it stopped"""
_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the command line says; returns the exit code that `--help` documents."""
    words = list(sys.argv[1:] if argv is None else argv)
    with forgiving():
        return _result(words)
    return OK  # who reads what is printed has had enough


def _result(words: list[str]) -> int:
    try:
        with plain_paths():
            return _dispatch(words)
    except UsageError as error:
        return complain(error, USAGE)
    except FinexlError as error:
        return complain(error, FAILED)
    except KeyboardInterrupt:
        return complain(
            f"\nInterrupted. Finished work is kept; go on with: {command_line(words)}", INTERRUPTED
        )
    except OSError as error:
        if error.errno not in _DISK:
            raise
        return complain(
            f"The disk must take what the run makes: {error}. Free some space, or choose other folders with "
            f"output= and store=. Finished work is kept; go on with: {command_line(words)}",
            FAILED,
        )


def _dispatch(words: list[str]) -> int:
    if not words or words[0] in ("-h", "--help", "help"):
        say(_TOP, is_manual=True)
        return OK
    name, *rest = words
    if name == "--version":
        from benchmark import __version__

        say(f"benchmark {__version__}")
        return OK
    if name not in COMMANDS:
        with usage():
            if "=" in name or name.startswith("-"):
                raise InvalidInputError(f"A command must come first. Got {name!r}. {meant('run', words)}")
            near = get_close_matches(name, COMMANDS, n=1)
            raise InvalidInputError(
                f"The command must be one of: {', '.join(COMMANDS)}. Got {name!r}."
                + (f" {meant(near[0], rest)}" if near else "")
            )
    return COMMANDS[name](rest)
