"""Where the miniature's captioners of image pairs are: folders of safetensors that ship with the package."""

import shlex
from pathlib import Path

from finexl.errors import FinexlError, unknown_name

WEIGHTS = Path(__file__).parent / "weights"
KINDS = ("chg2cap", "diff_caption")
PAIRS = "finetune.pretraining.difference_pairs"
"""Where the miniature's pairs are: `rendered` to train on, `held_out` to measure."""


class MissingCaptionerError(FinexlError):
    """A captioner of the miniature is not in its folder."""


def shipped_folder(kind: str) -> Path:
    """Where the miniature's captioner of a kind is; the folder exists."""
    if kind not in KINDS:
        raise unknown_name("kind", kind, KINDS)
    folder = WEIGHTS / kind
    if not folder.is_dir():
        words = [
            "python",
            "-m",
            "baselines",
            "train",
            kind,
            "--pairs",
            f"{PAIRS}:rendered",
            "--to",
            str(folder),
        ]
        words += ["--backbone", str(WEIGHTS / "chg2cap")] if kind == "diff_caption" else []
        raise MissingCaptionerError(
            f"The miniature's {kind} must be in {str(folder)!r}. There is none: run `{shlex.join(words)}`, or name a "
            f"folder of your own with explainer_settings.{kind}.folder=..."
        )
    return folder
