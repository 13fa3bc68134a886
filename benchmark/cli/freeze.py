"""`freeze`: the models of runs as images, for a leaderboard."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from benchmark.cli.exits import OK, refusals, usage
from benchmark.cli.offline import downloading_nothing
from benchmark.cli.parsing import parser
from finexl.explain.folding import counted, say
from finexl.explain.progress import progress

if TYPE_CHECKING:
    from benchmark.bundle.recipe import BundleRecipe

HELP = """\
Freeze the models of runs into a bundle, which anyone can explain without training anything: images without
metadata, prompts, ids that are hashes, and a manifest with the hash of every file. The truth is in files apart.
What is made is kept in the store, so the same command goes on where it stopped; made twice, a bundle is the
same byte for byte. It is put in place in one step.

written to the folder
  manifest.json          groups in a fixed order: prompts, ids, hashes of images and of the files below
  images/                every image once, named by its hash
  truth-development.json truth to tune on: development aspects and seeds only
  truth-public.json      truth of the scored part, for the board
  labels-public.json     levels to be passed round, some of them wrong on purpose
  planted.json           which of those are wrong: yours alone

keys
  bundle=official        a file of configs/bundle/; without it the words below are one run, all of it scored
  output=FOLDER          (default: bundles/<name>)
  secret=env:NAME|FILE   also make FOLDER-private: the same runs, or those of the file's private part, with prompts,
                         seeds and order that follow from the secret, which draws the planted labels too
  only=private           make FOLDER-private alone: the public part and its planted labels stay as they are
  scenario= scenario_settings. preset= generator= corpus= seed= store= workers= executor= quiet= redo=
                         as for run; for all runs of a bundle

examples
  python -m benchmark freeze bundle=official --dry-run
  python -m benchmark freeze bundle=official output=docs/board/bundle secret=env:BOARD_SECRET
  python -m benchmark freeze bundle=official output=new/bundle secret=env:NEW_SECRET only=private
  python -m benchmark freeze scenario=multi_aspect preset=smoke output=my-bundle"""


def main(words: list[str]) -> int:
    arguments = parser("freeze", HELP, options=("--dry-run",)).parse_intermixed_args(words)
    with usage(), progress("planning"):
        from benchmark.bundle.recipe import read_words

        recipes = read_words(arguments.words)
    if arguments.dry_run:
        say(_dry_run(recipes))
        return OK
    from benchmark.bundle.freezing import check_output, freeze

    for recipe in recipes:  # before hours of work for the first
        check_output(recipe.output)
    for recipe in recipes:
        bundle = freeze(recipe, tell=say)
        shown = bundle.manifest.trials()
        say(f"Wrote {bundle.folder}: {counted(len(shown), 'model')}, sha256 {bundle.sha256[:12]}.")
    if any(recipe.n_planted for recipe in recipes):
        say("Keep planted.json to yourself: it says which labels are wrong on purpose.")
    for recipe in recipes:
        if any(part.part == "private" for part in recipe.parts):
            say(f"Show {recipe.output} to nobody: it is the private part.")
    return OK


def _dry_run(recipes: "Sequence[BundleRecipe]") -> str:
    """What bundles would take, in lines."""
    from benchmark.bundle.freezing import check_output
    from benchmark.bundle.preview import bundle_preview
    from benchmark.record.files import check_place

    for recipe in recipes:
        check_place(recipe.output, "output")
    with downloading_nothing():
        plan = bundle_preview(recipes)
    return "\n".join([plan, *refusals(*(partial(check_output, recipe.output) for recipe in recipes))])
