"""`agree`: whether finished runs name the same change as strongest."""

from pathlib import Path

from benchmark.cli.exits import OK, usage
from benchmark.cli.parsing import parser
from benchmark.cli.printing import show
from finexl.explain.folding import say

HELP = """\
Say how often explainers call the same change the strongest in two runs or more, which differ in captioner, encoder,
seed or prompts; every run is compared with the first. Nothing is made or asked: the folders are those of finished runs.

A claim is known by the aspect that its words name most and by its sign, so that synonyms agree. Claims that tie for
the strongest agree by any of them; of a text the first counts. Where neither run says anything nothing is compared, and
what cannot be read agrees with nothing. Models are the same where the same was done to them: runs must be of one corpus
and base generator. Results that a run keeps in its folder, of what it was before, are named as earlier/<key>.

examples
  python -m benchmark run scenario=multi_aspect explainer=finexl vlm=miniature_small output=runs/small
  python -m benchmark agree runs/multi_aspect-lite runs/small"""


def main(words: list[str]) -> int:
    arguments = parser("agree", HELP, positional="folder folder [...]").parse_args(words)
    from benchmark.run.rerender import finished
    from benchmark.show.agreement import agreement_table, agreements, check_same_models
    from benchmark.show.runs import folders_of_runs

    with usage():
        folders = folders_of_runs([Path(word) for word in arguments.words])
        for line in folders.told:
            say(line)
        once: dict[Path, Path] = {}
        for folder in folders.runs:
            once.setdefault(folder.resolve(), folder)
        runs = {folder: finished(folder) for folder in once.values()}
        check_same_models(runs)
        found = agreements({folder: run.result.records for folder, run in runs.items()})
    show(*agreement_table(found, next(iter(runs))))
    return OK
