"""`relatives`: which styles look alike by the renderer: the shipped table, and its picture."""

import argparse
from pathlib import Path

from finetune.cli.command import Command
from finetune.cli.places import check_file
from finexl.explain import folding


def main(given: argparse.Namespace) -> None:
    check_file(given.path, "path")
    from finetune.miniature.relatives import FILE
    from finetune.studies.prompt_grid import save
    from finetune.studies.relatives import effect_cosines, picture, told, write_table

    cosines = effect_cosines()
    folding.say(told(cosines))
    write_table(FILE, cosines)
    save(picture(cosines), given.path)
    folding.say(f"wrote {FILE} and {given.path}")


def _arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("path", type=Path, help="the PNG to write")


COMMAND = Command(
    main, "which styles look alike by the renderer: the shipped table, and its picture", _arguments
)
