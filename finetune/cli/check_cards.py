"""`check-cards`: what cards say of adapters of which it is known what they do; resumable."""

import argparse
from pathlib import Path

from finetune.cli.command import of_models
from finetune.cli.parsing import add_page, check_count
from finetune.cli.places import check_folder, check_page
from finetune.cli.printing import write_table
from finexl.explain import folding
from finexl.explain.progress import progress

EXAMPLES = """\
  python -m finetune check-cards --store cards --page docs/adapters.md"""


def main(given: argparse.Namespace) -> None:
    from finetune.explaining.cards.checks import CheckSettings, check_cards, table

    check_page(given.page)
    check_folder(given.store, "--store")
    check_count(given.adapters, "--adapters")
    found = []
    for one in check_cards(given.store, CheckSettings(n=given.adapters), progress=progress):
        found.append(one)
        folding.say(
            f"{one.aspect}: {one.first or 'no claim'}; without effect: {one.nothing}; leaking: {one.leaking.told()}; "
            f"clean: {one.clean.told()}"
        )
        if given.page is not None:  # a killed command leaves the table of what it did
            write_table(given.page, "check-cards", table(found))
    folding.say(table(found))


def _arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("--adapters", type=int, default=30, help="how many of each kind (%(default)s)")
    command.add_argument("--store", type=Path, required=True, help="the folder to make, or to continue")
    add_page(command)


COMMAND = of_models(
    main,
    "what cards say of adapters of which it is known what they do; resumable",
    _arguments,
    examples=EXAMPLES,
)
