"""`paper`, `table` and `figure`: what the paper printed, measured again, and whether its claims hold."""

import sys
from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

from benchmark.cli.exits import FAILED, OK, usage
from benchmark.cli.offline import downloading_nothing
from benchmark.cli.parsing import parser
from benchmark.cli.printing import teller
from benchmark.cli.suggesting import command_line
from finexl.errors import InvalidInputError
from finexl.explain.folding import say

if TYPE_CHECKING:
    from benchmark.paper.asking import Asked
    from benchmark.paper.specification import Kind, Specification

_KEYS = """\
keys
  preset=smoke|lite|full   how large (default: lite, three hours for `paper` on two cores; smoke is a first look)
  pages=FOLDER             where pages are written (default: docs/results/paper; of smoke <output>/pages)
  output=FOLDER            runs and measurements (default: runs/paper-<preset>)
  lora_shifts=FILE         a Parquet file of real LoRAs with a column `consistency`, for Table 11
  store= seed= workers= executor= encoder= vlm= reader= preset.KEY=   as for run, where a table does not decide them"""
PAPER = f"""\
Make every table and figure of the paper, an index of them, and say of each claim of its prose whether it holds: in
what the paper printed, and here. `--dry-run` prints every run with its cost. Stopped at any point, the same command
goes on; from records alone it takes seconds.

`paper claims` only checks the claims again, on the tables that are written.

{_KEYS}

examples
  python -m benchmark paper --dry-run
  python -m benchmark paper preset=smoke
  python -m benchmark paper claims"""
TABLE = f"""\
Measure a table of the paper beside what it printed. Runs are done by the runner: the same command goes on where it
stopped, and what is recorded is not done again.

tables
  1   levels of one aspect                  7   three models to ask, 5, 10 and 15 alternatives
  2   the same with 3, 5, 8, 10 levels      8   four encoders: linearity, orthogonality, alignment
  3   mixtures of two aspects               9   ideal generators of growing quality
  4   edits of a face                      10   decomposition thresholds
  5   Table 1 with ControlGAN              11   prompts against the error of V_div, with its law
  6   Table 1 with Anole                   12   phrasings of the question

written to the pages: table_N.md, .tex, .csv, .json. Every cell has what was measured, an interval where there are
enough units, n, chance, the certified share, what was published, and the difference; or why there is no number.
What a table is made of: configs/table/N.yaml, configs/rows/; what was printed: configs/published/.

{_KEYS}

examples
  python -m benchmark table 1 --dry-run
  python -m benchmark table 1
  python -m benchmark table 8 preset=smoke
  python -m benchmark table 11 lora_shifts=shifts.parquet"""
FIGURE = f"""\
Draw a figure of the paper from what is measured here, with the numbers behind it.

figures
  6   claims over the levels of an aspect   10   versions of a generator
  7   what baselines say                    12   images of the synthetic corpus
  8   claims over mixtures                  13   images of the other corpora
  9   amounts against scales of edits       14   the most discriminative patches

written to the pages: figure_N.png, .svg, .md, .json

{_KEYS}

examples
  python -m benchmark figure 8 --dry-run
  python -m benchmark figure 12 preset=smoke"""


def paper(words: list[str]) -> int:
    arguments = parser(
        "paper", PAPER, positional="[claims] [key=value ...]", options=("--dry-run", "--quiet")
    ).parse_intermixed_args(words)
    with usage():
        from benchmark.paper.asking import check_pages, read_words, shown
        from benchmark.paper.specification import everything

        only_claims = arguments.words[:1] == ["claims"]
        first = next(iter(arguments.words), "=")
        if not only_claims and "=" not in first:
            near = get_close_matches(first, ["claims"], n=1)
            raise InvalidInputError(
                f"`paper` takes `claims` or nothing, and then keys. Got {first!r}."
                + (f" Did you mean: {command_line(['paper', *near, *arguments.words[1:]])}" if near else "")
            )
        asked = read_words(arguments.words[int(only_claims) :])
        if only_claims and "pages" in {word.partition("=")[0] for word in arguments.words}:
            check_pages(asked)
    specs, code = [] if only_claims else [*everything()], OK
    if not only_claims or arguments.dry_run:
        code = _reproduced(specs, asked, ["paper", *words], dry=arguments.dry_run, quiet=arguments.quiet)
        if arguments.dry_run:
            return code
    from benchmark.paper.claims import lines
    from benchmark.paper.reproducing import check_claims

    found = check_claims(asked, command=command_line(shown(["paper", *words])))
    if not arguments.quiet:
        say("\n".join(["", *lines(found), f"Wrote {asked.pages / 'claims.md'}."]))
    return code


def table(words: list[str]) -> int:
    return _numbered("table", TABLE, words)


def figure(words: list[str]) -> int:
    return _numbered("figure", FIGURE, words)


def _numbered(kind: "Kind", text: str, words: list[str]) -> int:
    arguments = parser(
        kind, text, positional="N [key=value ...]", options=("--dry-run", "--quiet")
    ).parse_intermixed_args(words)
    with usage():
        from benchmark.paper.asking import read_words
        from benchmark.paper.specification import listed, numbers, specification

        if not arguments.words or "=" in arguments.words[0]:
            raise InvalidInputError(
                f"`{kind}` takes a number, and then keys. Got {' '.join(arguments.words) or 'none'}. "
                f"{kind.capitalize()}s: {listed(numbers(kind))}."
            )
        number, *rest = arguments.words
        specs, asked = [specification(kind, number)], read_words(rest)
    return _reproduced(specs, asked, [kind, *words], dry=arguments.dry_run, quiet=arguments.quiet)


def _reproduced(
    specs: "Sequence[Specification]", asked: "Asked", words: list[str], *, dry: bool, quiet: bool
) -> int:
    from benchmark.paper import reproducing
    from benchmark.paper.asking import shown

    if dry:
        with downloading_nothing():
            say("\n".join(reproducing.dry(specs, asked)))
        return OK
    tell = teller(quiet=quiet)
    made = reproducing.reproduce(specs, asked, command=command_line(shown(words)), tell=tell)
    tell(f"Wrote {asked.pages}.")
    for heading, why in made.failed.items():
        say(f"{heading} could not be made: {why}", file=sys.stderr)
    return FAILED if made.failed else OK
