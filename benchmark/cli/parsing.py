"""The parser of a command: keys are words, options are few."""

import argparse
import re
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


def require_no_gap(word: str, command: str) -> None:
    """Refuse what an unset variable leaves of a word: as a path it would be the folder that one happens to be in.

    Raises:
        UsageError: The word, or the value of a key, is empty.
    """
    if not word:
        raise UsageError(
            f"A word behind `{command}` must not be empty. Got ''. Give a path (. is this folder), or leave it out."
        )
    if re.fullmatch(r"[a-z_]+=", word):
        raise UsageError(f"`{word[:-1]}` must have a value. Got {word!r}. Leave it out for the usual one.")


class _Parser(argparse.ArgumentParser):
    """Tells of settings that are written as options how they are written."""

    known: tuple[str, ...] = ()

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:  # type: ignore[override]  # overloads
        words, command = list(args or []), self.prog.rpartition(" ")[2]
        for word in words:
            require_no_gap(word, command)
            if word.startswith("-") and not any(option.startswith(word) for option in self.known):
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
