"""`pretrain`: train one of the miniature's models again; resumable."""

import argparse
import os
from pathlib import Path

from finetune.cli.command import Command
from finetune.cli.parsing import cache
from finetune.cli.places import check_folder
from finexl.explain import folding

MODELS = (
    "encoder", "encoder_vit", "encoder_eva", "encoder_align", "diffusion", "captioner", "captioner_medium",
    "captioner_small", "controlgan", "anole", "portraits", "versions",
)  # fmt: skip


def main(given: argparse.Namespace) -> None:
    check_folder(given.state, "--state")
    import torch

    from finetune.pretraining.pretrainings import pretrain

    torch.set_num_threads(given.threads)
    published = pretrain(given.name, state=given.state, minutes=given.minutes, start=given.start)
    folding.say((published / "CARD.md").read_text(encoding="utf-8"))
    folding.say(f"published {published}")


def _arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("name", choices=MODELS, help="which model")
    command.add_argument(
        "--state",
        type=Path,
        default=cache() / "pretraining",
        help="folder of unfinished runs (%(default)s)",
    )
    command.add_argument("--minutes", type=float, help="stop each training after this many minutes")
    command.add_argument("--threads", type=int, default=os.cpu_count(), help="CPU threads (%(default)s)")
    command.add_argument("--start", type=Path, help="diffusion: go on from an earlier pipeline's folder")


COMMAND = Command(main, "train one of the miniature's models again; resumable", _arguments)
