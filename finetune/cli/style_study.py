"""`style-study`: FineStyle beside LoRA from one reference image."""

import argparse

from finetune.cli.command import Command
from finetune.cli.printing import say_each


def main(given: argparse.Namespace) -> None:
    from finetune.studies.style_study import style_study

    del given
    say_each(style_study())


COMMAND = Command(main, "FineStyle beside LoRA from one reference image")
