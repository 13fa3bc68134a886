"""The captioners of image pairs by kind, loaded from a folder."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from torch import nn

from baselines.captioning.captioner import PairCaptioner
from baselines.captioning.model_folder import ModelFolder, ModelFolderError, read_model
from baselines.captioning.vocabulary import Vocabulary
from finexl.errors import unknown_name


def load_captioner(folder: Path, *, device: str = "cpu") -> PairCaptioner:
    """The captioner in a folder, ready to be asked; its weights must fit exactly."""
    held = read_model(folder)
    if held.kind not in KINDS:
        raise unknown_name("kind", held.kind, KINDS)
    network, vocabulary = KINDS[held.kind](held)
    try:
        network.load_state_dict(held.weights)
    except RuntimeError as reason:
        raise ModelFolderError(
            f"The weights in {str(folder)!r} must fit its configuration. {str(reason).splitlines()[0]}"
        ) from reason
    network.to(device).eval()
    return PairCaptioner(
        network=network,  # pyright: ignore[reportArgumentType]  # both kinds have `caption`
        preprocessing=held.preprocessing,
        vocabulary=vocabulary,
        id=held.id,
        device=device,
    )


def _chg2cap(held: ModelFolder) -> tuple[nn.Module, Vocabulary]:
    from baselines.chg2cap.architecture import Architecture
    from baselines.chg2cap.model import MARKS, Chg2Cap

    vocabulary = held.vocabulary(MARKS)
    return Chg2Cap(Architecture(**held.sizes()), vocabulary), vocabulary


def _diff_caption(held: ModelFolder) -> tuple[nn.Module, Vocabulary]:
    from baselines.diff_caption.architecture import Architecture
    from baselines.diff_caption.model import MARKS
    from baselines.diff_caption.network import DiffCaption

    vocabulary = held.vocabulary(MARKS)
    return DiffCaption(Architecture(**held.sizes()), vocabulary), vocabulary


KINDS: dict[str, Callable[[ModelFolder], tuple[Any, Vocabulary]]] = {
    "chg2cap": _chg2cap,
    "diff_caption": _diff_caption,
}
