"""The command line: a file for each command with its arguments, called by `dispatch.py`. A command imports what it
needs itself, so that looking around takes no torch."""

from finetune.cli.dispatch import COMMANDS, main

__all__ = ["COMMANDS", "main"]
