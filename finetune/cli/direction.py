"""`direction`: a published edit direction, a pseudo-word of a pipeline, to a file."""

import argparse
from dataclasses import replace
from pathlib import Path

from finetune.cli.command import Command
from finetune.cli.places import check_file
from finexl.explain import folding

DESCRIPTION = (
    "NoiseCLR publishes pipelines whose tokenizer has one added word per direction: <t1>, <t2>, ... "
    "They have no names: look at images of each. The file is used by scenario=subject: "
    "generator.directions.mustache.file=FILE generator.directions.mustache.top_scale=SCALE."
)


def main(given: argparse.Namespace) -> None:
    check_file(given.to, "--to")
    from finetune.families.diffusion.latent_editing import pseudo_word_direction, write_direction

    direction = pseudo_word_direction(given.folder, given.word)
    given.to.parent.mkdir(parents=True, exist_ok=True)
    write_direction(given.to, replace(direction, name=given.name or direction.name))
    folding.say(f"wrote {given.to}")


def _arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "folder", type=Path, help="the pipeline: its `tokenizer` and `text_encoder` are read"
    )
    command.add_argument("word", help="the pseudo-word, as '<t1>' (quote it)")
    command.add_argument("--to", type=Path, required=True, help="the safetensors file to write")
    command.add_argument("--name", help="what it does, as mustache (default: the word)")


COMMAND = Command(
    main,
    "a published edit direction, a pseudo-word of a pipeline, to a file",
    _arguments,
    description=DESCRIPTION,
)
