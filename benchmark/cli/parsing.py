"""The parser of a command: keys are words, options are few."""

import argparse
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

from benchmark.cli.exits import UsageError
from benchmark.cli.suggesting import meant
from finexl.explain.folding import FoldedHelp

_OPTIONS = {
    "--dry-run": "print trials, what the store already has, minutes, disk and VLM calls; do nothing",
    "--quiet": "print nothing but errors",
}


def parser(
    name: str, text: str, *, positional: str = "[key=value ...]", options: Sequence[str] = ()
) -> argparse.ArgumentParser:
    """Reads words, which `positional` describes, and the options that a command has."""
    program = f"python -m benchmark {name}"
    parser = _Parser(
        prog=program,
        usage=" ".join([program, positional, *(f"[{option}]" for option in options)]),
        description=text,
        formatter_class=FoldedHelp,
    )
    parser.add_argument("words", nargs="*", help=argparse.SUPPRESS)
    for option in options:
        parser.add_argument(option, action="store_true", help=_OPTIONS[option])
    parser.known = ("-h", "--help", *options)
    return parser


class _Parser(argparse.ArgumentParser):
    """Tells of settings that are written as options how they are written."""

    known: tuple[str, ...] = ()

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:  # type: ignore[override]  # overloads
        words = list(args or [])
        for word in words:
            if word.startswith("-") and not any(option.startswith(word) for option in self.known):
                command = self.prog.rpartition(" ")[2]
                if near := get_close_matches(word, self.known, n=1, cutoff=0.8):
                    raise UsageError(f"`{command}` has no option {word!r}. Did you mean {near[0]}?")
                if "[key=value" not in (self.usage or ""):
                    raise UsageError(
                        f"`{command}` has no option {word!r}. `{self.prog} --help` shows what it takes."
                    )
                raise UsageError(
                    f"Settings must be written key=value, without dashes. Got {word!r}. {meant(command, words)}"
                )
        return super().parse_known_args(words, namespace)
