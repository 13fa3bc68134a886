"""Where the miniature's captioners of image pairs are: folders of safetensors that ship with the package."""

import shlex
from pathlib import Path

from baselines.settings import PairCaptionSettings
from finexl.errors import FinexlError, unknown_name

WEIGHTS = Path(__file__).parent / "weights"
KINDS = ("chg2cap", "diff_caption")
PAIRS = "finetune.pretraining.difference_pairs"
"""Where the miniature's pairs are: `rendered` to train on, `held_out` to measure."""


class MissingCaptionerError(FinexlError):
    """A captioner of the miniature is not in its folder."""


def captioner_folder(settings: PairCaptionSettings) -> Path:
    """Where the captioner is that the settings name: a folder of one's own, or the miniature's."""
    return Path(settings.folder) if settings.folder else shipped_folder(settings.captioner)


def shipped_folder(kind: str) -> Path:
    """Where the miniature's captioner of a kind is; the folder exists.

    Raises:
        UnknownNameError: there is no such kind.
        MissingCaptionerError: it was not trained; the message tells the command.
    """
    if kind not in KINDS:
        raise unknown_name("kind", kind, KINDS)
    folder = WEIGHTS / kind
    if not folder.is_dir():
        command = f"python -m baselines train {kind} --pairs {PAIRS}:rendered --to {shlex.quote(str(folder))}"
        if kind == "diff_caption":
            command += f" --backbone {shlex.quote(str(WEIGHTS / 'chg2cap'))}"
        raise MissingCaptionerError(
            f"The miniature's {kind} must be in {str(folder)!r}. There is none: run `{command}`, or name a "
            f"folder of your own with explainer_settings.{kind}.folder=..."
        )
    return folder
