"""`ground`: ask the base generator for every style word, for the vectors that ship; resumable."""

import argparse
from pathlib import Path

from finetune.cli.command import Command
from finetune.cli.parsing import cache
from finetune.cli.places import check_folder
from finetune.cli.printing import say_each


def main(given: argparse.Namespace) -> None:
    check_folder(given.store, "--store")
    from finetune.explaining.shipped.grounding import write_groundings

    say_each(write_groundings(given.store))


def _arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--store", type=Path, default=cache() / "ground", help="folder of its images (%(default)s)"
    )


COMMAND = Command(
    main, "ask the base generator for every style word, for the vectors that ship; resumable", _arguments
)
