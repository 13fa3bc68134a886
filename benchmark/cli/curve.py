"""`curve`: how scores grow with the number of prompts."""

from benchmark.cli.exits import OK, UNSOUND, complain, usage
from benchmark.cli.parsing import parser
from benchmark.cli.printing import show, teller
from benchmark.cli.run import dry_run
from benchmark.cli.suggesting import command_line
from finexl.explain.folding import say
from finexl.explain.progress import progress

HELP = """\
Run a scenario at several numbers of prompts, with pairs of one prompt and noise and with unpaired images (two
folders of a user, which have no prompt in common), and draw each score over them.
Models and images are made once; every point asks for explanations of its own. Finished work is kept: the same
command goes on where it stopped.

written to the folder, beside what the run of the last point leaves
  curve.json             every score at every point, with intervals where there are enough groups
  curve.png, curve.svg   the same as charts, one for each explainer

keys: those of `run`, and
  n_shown=4,8,16,32      numbers of prompts (default: these); what a preset has too few prompts for is left out,
                         which is said: unpaired images take twice the prompts
  paired=true|false      only pairs, or only unpaired images (default: both)
  output=FOLDER          (default: runs/<scenario>-<preset>-curve)

examples
  python -m benchmark curve scenario=single_aspect explainer=finexl,constant
  python -m benchmark curve scenario=multi_aspect preset.n_prompts=64 --dry-run"""


def main(words: list[str]) -> int:
    arguments = parser("curve", HELP, options=("--dry-run",)).parse_intermixed_args(words)
    with usage(), progress("planning"):
        from benchmark.curve.points import read_words

        curve = read_words(arguments.words)
        from benchmark.curve.curves import points_preview, run_curve

    if arguments.dry_run:
        with progress("planning"):
            told = [dry_run(curve.settings), *points_preview(curve)]
        say("\n".join(told))
        return OK
    tell = teller(quiet=curve.settings.quiet)
    for line in curve.left_out:
        tell(f"\n{line}")
    result = run_curve(curve, tell=lambda line: tell(f"\n{line}"))
    if not curve.settings.quiet:
        from benchmark.curve.table import curve_table

        show(*curve_table(result.lines))
        say("\n".join(f"{curve.settings.output / f'curve.{kind}'}" for kind in ("json", "png", "svg")))
    if not result.is_sound:
        return complain(
            "Too many explanations failed for the curves to mean much. Run the same command again to ask those "
            f"again: {command_line(['curve', *words])}",
            UNSOUND,
        )
    return OK
