"""The card of a captioner that was trained here: what it is, how it was made, and how good it was measured to be."""

import platform
from dataclasses import asdict
from pathlib import Path

import torch

from baselines.captioning.evaluation import Evaluation
from baselines.captioning.making import Request, Trained

CARD_FILE = "CARD.md"
CARD = """# {title}

{summary}

| fact | value |
|---|---|
| data | {n_pairs:,} pairs of `{source}` |
| command | `{command}` |
| seeds | {seeds} |
| steps | {steps} |
| wall time | {minutes:.0f} minutes, {threads} thread(s) |
| final loss (smoothed) | {losses} |
| parameters | {parameters:,} |
| python, torch | {python}, {torch} |

Weights are fp16 safetensors. It knows only what its training pairs show.
"""
MEASURED = """
Measured on {n_pairs:,} held-out pairs ({source}):

| share | value |
|---|---|
| aspects of the true captions that are named | {named:.1%} |
| aspects named that are in the true captions | {true:.1%} |
| degree right, of the aspects rightly named | {right_degree:.1%} |
| degree right or next to it | {near_degree:.1%} |
| distractors left alone | {left_alone:.1%} |
| captions right word for word | {verbatim:.1%} |
"""


def write_card(trained: Trained, request: Request) -> None:
    """Write the card of a captioner into its folder."""
    text = CARD.format(
        title=trained.title,
        summary=trained.summary,
        n_pairs=len(request.pairs.captions),
        source=request.source,
        command=request.command,
        seeds=", ".join(map(str, trained.seeds)),
        steps=" + ".join(str(stage.step) for stage in trained.stages),
        minutes=sum(stage.seconds for stage in trained.stages) / 60,
        threads=torch.get_num_threads(),
        losses=", ".join(f"{stage.loss:.4f}" for stage in trained.stages),
        parameters=sum(parameter.numel() for parameter in trained.network.parameters()),
        python=platform.python_version(),
        torch=torch.__version__,
    )
    (request.folder / CARD_FILE).write_text(text, encoding="utf-8")


def add_measures(folder: Path, evaluation: Evaluation, source: str) -> None:
    """Add what was measured to a card, in place of what an earlier measurement added."""
    path = folder / CARD_FILE
    card = path.read_text(encoding="utf-8") if path.is_file() else ""
    kept = card.partition("\nMeasured on ")[0].rstrip("\n")
    path.write_text(f"{kept}\n{measures(evaluation, source)}", encoding="utf-8")


def measures(evaluation: Evaluation, source: str) -> str:
    """The table of what was measured."""
    return MEASURED.format(source=source, **asdict(evaluation))
