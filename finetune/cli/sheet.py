"""`sheet`: a contact sheet of every aspect of the miniature world."""

import argparse
from pathlib import Path

from finetune.cli.command import Command
from finetune.cli.places import check_file
from finexl.explain import folding


def main(given: argparse.Namespace) -> None:
    check_file(given.path, "path")
    from finetune.studies.contact_sheet import contact_sheet
    from finetune.studies.prompt_grid import save

    save(contact_sheet(), given.path)
    folding.say(f"wrote {given.path}")


def _arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("path", type=Path, help="the PNG to write")


COMMAND = Command(main, "a contact sheet of every aspect of the miniature world", _arguments)
