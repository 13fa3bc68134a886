"""`report`: one page of finished runs."""

import os
from pathlib import Path

from benchmark.cli.exits import OK, usage
from benchmark.cli.parsing import parser
from finexl.explain.folding import counted, say

HELP = """\
Write one HTML page of finished runs, from their records; nothing is trained or explained. Shown are tables with
tiers, levels against readings, confusion over the lattice, cost against quality, curves over prompts where `curve`
made them, and each group down to images, words and a judge's replies.

Folders are those of runs, or hold some (default: runs); explanations of a bundle are passed over. The page of a single
run is the report.html in its folder; that of several is report.html in the folder that they have in common. It needs
no other file and no network.

examples
  python -m benchmark report
  python -m benchmark report runs/multi_aspect-lite
  python -m benchmark report runs/multi_aspect-lite runs/single_aspect-lite"""
_RUNS = "runs"
"""Where runs are written to if nothing else is said."""


def main(words: list[str]) -> int:
    arguments = parser("report", HELP, positional="[folder ...]").parse_args(words)
    from benchmark.show.runs import RunFiles, folders_of_runs

    with usage():
        found = folders_of_runs([Path(word) for word in arguments.words or [_RUNS]])
    for line in found.told:
        say(line)
    folders = found.runs
    from benchmark.run.rerender import render_again

    # the page of a single run lies in its folder; one of several beside them
    above = (
        folders[0] if len(folders) == 1 else Path(os.path.commonpath([each.absolute() for each in folders]))
    )
    page = RunFiles(folder=above).report
    render_again(folders, page)
    say(f"Wrote {page}: {counted(len(folders), 'run')}, {page.stat().st_size / 1e6:.1f} MB.")
    return OK
