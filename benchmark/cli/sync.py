"""`sync`: send finished runs to Weights & Biases."""

import os
from pathlib import Path

from benchmark.cli.exits import FAILED, OK, complain, usage
from benchmark.cli.parsing import parser
from finexl.errors import InvalidInputError
from finexl.explain.folding import say

HELP = """\
Send finished runs to Weights & Biases, from their records alone: also those made with wandb=off, on a machine
without network or with an earlier version. One W&B run for each scenario; its id is a hash of its results, so what
was sent before is not sent again (FOLDER/wandb/told.json says what was; without that file all is sent, to the
same W&B runs).

The key is WANDB_API_KEY or that of `wandb login`; WANDB_BASE_URL, WANDB_ENTITY and WANDB_PROJECT are heeded.

examples
  python -m benchmark sync runs/multi_aspect-lite
  python -m benchmark sync runs"""


def main(words: list[str]) -> int:
    arguments = parser("sync", HELP, positional="folder [folder ...]").parse_args(words)
    from benchmark.show.runs import folders_of_runs

    with usage():
        if not arguments.words:
            raise InvalidInputError("`sync` takes the folders of runs, as in: sync runs/multi_aspect-lite")
        folders = folders_of_runs([Path(word) for word in arguments.words])
    for line in folders.told:
        say(line)
    from benchmark.record.files import sole_writer
    from benchmark.run.rerender import finished
    from benchmark.show.wandb_sink import check_server, is_sent, send, stories_of

    check_server(os.environ)
    failed = 0
    for folder in folders.runs:
        with sole_writer(folder):
            told = stories_of(finished(folder))
            known = [story for story in told if is_sent(story, folder)]
            unsent = list(send(told, folder))
        for story in told:
            state = "not sent" if story in unsent else "sent before" if story in known else "sent"
            say(f"{folder}: {story.scenario} {state} (W&B run {story.id})")
        failed += len(unsent)
    if failed:
        return complain(f"{failed} W&B runs could not be sent; the same command tries them again.", FAILED)
    return OK
