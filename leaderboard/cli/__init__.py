"""The command line: a file for each command with its manual, called by `dispatch.py`. A command imports what it needs
itself, so that help is there at once."""

from leaderboard.cli.dispatch import COMMANDS, main

__all__ = ["COMMANDS", "main"]
