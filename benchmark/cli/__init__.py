"""The command line: a file for each command with its manual, called by `dispatch.py`. A command imports what it needs
itself, so that looking around takes no torch."""

from benchmark.cli.dispatch import COMMANDS, main
from benchmark.cli.exits import FAILED, OK, UNSOUND, USAGE

__all__ = ["COMMANDS", "FAILED", "OK", "UNSOUND", "USAGE", "main"]
