"""`convert`: published .pth and .ckpt files to a folder of safetensors."""

import argparse
from pathlib import Path

from finetune.cli.command import Command
from finetune.cli.places import check_folder
from finetune.families.convert import CONVERSIONS
from finexl.explain import folding


def main(given: argparse.Namespace) -> None:
    check_folder(given.to, "--to")
    from finetune.families.convert import convert

    pairs = [word.partition("=") for word in given.files]
    convert(given.kind, {name: Path(path) for name, _, path in pairs}, folder=given.to)
    folding.say(f"wrote {given.to}")


def _arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("kind", help=" or ".join(CONVERSIONS))
    command.add_argument("files", nargs="+", metavar="name=path", help="what the model consists of, by name")
    command.add_argument("--to", type=Path, required=True, help="the folder to make")


COMMAND = Command(
    main,
    "published .pth and .ckpt files to a folder of safetensors",
    _arguments,
    below="\n".join(conversion.told(kind) for kind, conversion in CONVERSIONS.items()),
)
