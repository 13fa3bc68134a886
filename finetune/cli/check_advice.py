"""`check-advice`: how near rounds of advice come to wishes, in the miniature; resumable."""

import argparse
from pathlib import Path

from finetune.cli.command import of_models
from finetune.cli.parsing import add_page, check_count
from finetune.cli.places import check_folder, check_page
from finetune.cli.printing import write_table
from finexl.explain import folding
from finexl.explain.progress import progress

EXAMPLES = """\
  python -m finetune check-advice --store advice --page docs/adapters.md"""


def main(given: argparse.Namespace) -> None:
    from finetune.explaining.advice.checks import check_advice, table

    check_page(given.page)
    check_folder(given.store, "--store")
    check_count(given.wishes, "--wishes")
    check_count(given.rounds, "--rounds", least=0)
    found = []
    for one in check_advice(given.store, n_wishes=given.wishes, n_rounds=given.rounds, progress=progress):
        found.append(one)
        folding.say(f"{', '.join(one.wish)}: regret {', '.join(f'{value:.2f}' for value in one.regrets)}")
        if given.page is not None:
            write_table(given.page, "check-advice", table(found))
    folding.say(table(found))


def _arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("--wishes", type=int, default=20, help="how many (%(default)s)")
    command.add_argument("--rounds", type=int, default=2, help="of advice for each (%(default)s)")
    command.add_argument("--store", type=Path, required=True, help="the folder to make, or to continue")
    add_page(command)


COMMAND = of_models(
    main,
    "how near rounds of advice come to wishes, in the miniature; resumable",
    _arguments,
    examples=EXAMPLES,
)
