"""`prompts`: 32 prompts through the base generator, and its caption matching."""

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

from finetune.cli.command import Command
from finetune.cli.places import check_file
from finetune.family_facts import FAMILIES
from finexl.explain import folding


def main(given: argparse.Namespace) -> None:
    check_file(given.path, "path")
    from finetune.studies.loading import base_generator, encoder
    from finetune.studies.prompt_grid import caption_matching, prompt_grid, save

    with TemporaryDirectory() as store:
        generator = base_generator(given.generator, store=Path(store))
        save(prompt_grid(generator), given.path)
        matching = caption_matching(generator, encoder())
    folding.say(f"wrote {given.path}")
    folding.say(f"own caption nearest of {matching.n} (chance {matching.chance:.1%}):")
    folding.say(f"  generated images {matching.generated:.1%}   real renderings {matching.rendered:.1%}")


def _arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("path", type=Path, help="the PNG to write")
    command.add_argument("--generator", choices=FAMILIES, default="diffusion", help="which (%(default)s)")


COMMAND = Command(main, "32 prompts through the base generator, and its caption matching", _arguments)
