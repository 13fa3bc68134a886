"""`inspect`: what an adapter's file is, without loading a base model."""

import argparse
from pathlib import Path

from finetune.cli.command import of_models
from finexl.explain import folding

EXAMPLES = """\
  python -m finetune inspect lora.safetensors
  python -m finetune inspect lora.safetensors --base miniature"""


def main(given: argparse.Namespace) -> None:
    from finetune.explaining.inspection import as_json, inspect_file, told

    base: Path | None = given.base
    if base is not None and base == Path("miniature") and not base.exists():
        from finetune.miniature.models import pipeline_folder

        base = pipeline_folder()
    inspection = inspect_file(given.file, base=base)
    if given.json:
        print(as_json(inspection))
    else:
        folding.say(told(inspection))


def _arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", type=Path, help="a safetensors file, or a folder with one")
    command.add_argument(
        "--base", type=Path, help="miniature, or a diffusers folder: count the layers that it has"
    )
    command.add_argument("--json", action="store_true", help="as JSON")


COMMAND = of_models(
    main, "what an adapter's file is, without loading a base model", _arguments, examples=EXAMPLES
)
