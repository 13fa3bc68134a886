"""`docs`: numbers in README and docs, from kept results."""

from pathlib import Path

from benchmark.cli.exits import OK, usage
from benchmark.cli.parsing import parser
from finexl.errors import InvalidInputError
from finexl.explain.folding import say

HELP = """\
Write the numbers in README.md and docs/*.md anew from the results in docs/results, or keep a result there.
A page says in comments what it shows:
  <!-- results: multi_aspect-lite -->          the tables of a kept run, up to <!-- end -->
  <!-- output: python -m benchmark bench -->   what a kept command printed, up to <!-- end -->
  <!-- paper: table_1 -->                      a table of the paper, up to <!-- end -->
  <!--= multi_aspect-lite finexl value -->.41<!--/-->
                                               one number: value, low, high, certified, n,
                                               unreadable, seconds, vlm_calls, naming or tau of
                                               an explainer, or another score of the table by its
                                               name (claim_f1; claim_f1_certified)
  <!--= board finexl multi_aspect.claim_f1 -->.90<!--/-->
                                               one number of the board in docs/board

keys
  take=FOLDER    keep the scores of a finished run, as docs/results/<name of the folder>.json
  run=COMMAND    run a command and keep what it prints, as a text file there

examples
  python -m benchmark docs
  python -m benchmark docs take=runs/multi_aspect-lite
  python -m benchmark docs run='python -m benchmark bench'"""


def main(words: list[str]) -> int:
    arguments = parser("docs", HELP, positional="[take=FOLDER | run=COMMAND]").parse_args(words)
    from benchmark.show.docs import keep_output, rewrite, take

    with usage():
        match [word.partition("=")[::2] for word in arguments.words]:
            case []:
                written = rewrite()
            case [("take", folder)] if folder:
                written = [take(Path(folder))]
            case [("run", command)] if command:
                written = [keep_output(command)]
            case _:
                raise InvalidInputError(
                    f"`docs` takes nothing, or one of take= and run=. Got {' '.join(arguments.words)!r}."
                )
    say("\n".join(f"Wrote {path}." for path in written) or "Every number is as in docs/results.")
    return OK
