"""`bench`: our training step and sampler beside plain loops."""

import argparse

from finetune.cli.command import Command
from finetune.cli.printing import say_each


def main(given: argparse.Namespace) -> None:
    from finetune.studies.speed import bench

    del given
    say_each(bench())


COMMAND = Command(main, "our training step and sampler beside plain loops")
