"""`captioners`: how well the captioners name styles."""

import argparse

from finetune.cli.command import Command
from finetune.cli.printing import say_each


def main(given: argparse.Namespace) -> None:
    from finetune.miniature.models import CAPTIONERS, captioner_folder
    from finetune.studies.captioner_quality import measured

    del given
    say_each(f"{name}: {measured(captioner_folder(name)).told()}" for name in CAPTIONERS)


COMMAND = Command(main, "how well the captioners name styles")
