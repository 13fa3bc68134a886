"""`world`: make again what `finexl explain` ships of the miniature: words, looks, an example."""

import argparse

from finetune.cli.command import Command
from finetune.cli.printing import say_each


def main(given: argparse.Namespace) -> None:
    from finetune.explaining.shipped.world import write_all

    del given
    say_each(write_all())


COMMAND = Command(main, "make again what `finexl explain` ships of the miniature: words, looks, an example")
