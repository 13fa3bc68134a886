"""`explain`: what an explainer says of frozen models."""

import shlex
from typing import TYPE_CHECKING

from benchmark.cli.exits import OK, UNSOUND, complain, refusals, usage
from benchmark.cli.parsing import parser
from benchmark.cli.suggesting import command_line
from finexl.explain.folding import counted, say
from finexl.explain.progress import progress

if TYPE_CHECKING:
    from benchmark.bundle.asked import Asked

HELP = """\
Let an explainer explain the scored models of a bundle, blind as in a run: nothing is trained, no truth is opened.
Groups that are explained are kept: the same command goes on where it stopped, and repeats only what failed.

written to the folder
  explanations.jsonl     what was said of every model, word for word
  replies.jsonl          every reply of a model that was asked, refusals too
  explainer.json         whose words these are: another explainer takes another folder
  measured.json          track, models asked, settings and costs
  facts.json             name, authors, link, licence: yours to fill in; stays as it is once it is there

keys
  bundle=FOLDER                the frozen models; every image is checked against its hash
  explainer=NAME               of the suite, or one of yours: package.module:Class, path/to/mine.py:Class
  output=FOLDER                (default: explained/<explainer>)
  explainer_settings.NAME.KEY= encoder= vlm= seed= explainer.seconds= explainer.memory_gb=   as for run

examples
  python -m benchmark explain bundle=board/bundle explainer=finexl --dry-run
  python -m benchmark explain bundle=board/bundle explainer=path/to/mine.py:Mine output=mine"""
_TOLERATED = 0.1
"""Share of explanations of a bundle that may have failed."""


def main(words: list[str]) -> int:
    arguments = parser("explain", HELP, options=("--dry-run",)).parse_intermixed_args(words)
    with usage(), progress("planning"):
        from benchmark.bundle.asked import read_words
        from benchmark.bundle.explaining import explain_bundle

        asked = read_words(arguments.words)
    n_models = sum(len(group.trials) for group in asked.groups)
    if arguments.dry_run:
        say(_dry_run(asked))
        return OK
    n_failed = explain_bundle(asked, tell=say)
    say(
        f"Wrote {asked.output}: explanations of {counted(n_models, 'model')}. "
        f"Next, with the facts that {asked.output / 'facts.json'} lacks:\n"
        f"python -m leaderboard submit explained={shlex.quote(str(asked.output))} output=my-entry "
        "authors='Your Name' link=https://... license=..."
    )
    if n_failed > _TOLERATED * n_models:
        return complain(
            f"{n_failed} of {n_models} explanations failed. Run the same command again to ask those again: "
            f"{command_line(['explain', *words])}",
            UNSOUND,
        )
    return OK


def _dry_run(asked: "Asked") -> str:
    """What explaining a bundle would take, in lines."""
    from benchmark.bundle.asked import most_calls
    from benchmark.bundle.owner import require_own
    from benchmark.config.settings import check_models, check_parts
    from benchmark.record.files import check_place

    check_place(asked.output, "output")
    check_parts(asked.settings)
    asked.bundle.check()
    n_models = sum(len(group.trials) for group in asked.groups)
    models = f"{counted(len(asked.groups), 'group')}, {counted(n_models, 'model')}"
    plan = f"{models}, at most {most_calls(asked)} VLM calls."
    refused = refusals(lambda: check_models(asked.settings), lambda: require_own(asked))
    return "\n".join([plan, *refused])
