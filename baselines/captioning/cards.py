"""The card of a captioner that was trained here: what it is, how it was made, and how good it was measured to be."""

import platform
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from baselines.captioning.evaluation import Evaluation
from baselines.captioning.training import Progressed

CARD_FILE = "CARD.md"
CARD = """# {title}

{summary}

| fact | value |
|---|---|
| data | {data} |
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a card says of one captioner."""

    title: str
    summary: str
    data: str
    command: str
    seeds: tuple[int, ...]
    threads: int
    parameters: int
    stages: Sequence[Progressed]
    """In the order in which they were trained."""


def write_card(folder: Path, facts: Facts) -> None:
    """Write the card of the captioner in a folder."""
    text = CARD.format(
        title=facts.title,
        summary=facts.summary,
        data=facts.data,
        command=facts.command,
        seeds=", ".join(map(str, facts.seeds)),
        steps=" + ".join(str(stage.step) for stage in facts.stages),
        minutes=sum(stage.seconds for stage in facts.stages) / 60,
        threads=facts.threads,
        losses=", ".join(f"{stage.loss:.4f}" for stage in facts.stages),
        parameters=facts.parameters,
        python=platform.python_version(),
        torch=version("torch"),
    )
    (folder / CARD_FILE).write_text(text, encoding="utf-8")


def add_measures(folder: Path, evaluation: Evaluation, source: str) -> None:
    """Add what was measured to a card, in place of what an earlier measurement added."""
    path = folder / CARD_FILE
    card = path.read_text(encoding="utf-8") if path.is_file() else ""
    kept = card.partition("\nMeasured on ")[0].rstrip("\n")
    path.write_text(f"{kept}\n{measures(evaluation, source)}", encoding="utf-8")


def measures(evaluation: Evaluation, source: str) -> str:
    """The table of what was measured."""
    shares = {name: getattr(evaluation, name) for name in Evaluation.__slots__}
    return MEASURED.format(source=source, **shares)
