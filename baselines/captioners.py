"""Captioners of image pairs, loaded from a folder, and the explainers around them."""

from pathlib import Path

from baselines.captioning.captioner import PairCaptioner
from baselines.captioning.explainers import ManyPairsCaption, OnePairCaption
from baselines.captioning.model_folder import ModelFolderError, read_model
from baselines.chg2cap import architecture as chg2cap
from baselines.chg2cap import model as chg2cap_model
from baselines.diff_caption import architecture as diff_caption
from baselines.diff_caption import model as diff_caption_model
from baselines.settings import ManyPairsSettings, OnePairSettings
from baselines.shipped import captioner_folder
from finexl.errors import unknown_name

KINDS = {
    "chg2cap": (chg2cap.Architecture, chg2cap_model.Chg2Cap, chg2cap_model.MARKS),
    "diff_caption": (diff_caption.Architecture, diff_caption_model.DiffCaption, diff_caption_model.MARKS),
}


def load_one_pair(*, settings: OnePairSettings, name: str) -> OnePairCaption:
    """The explainer of one pair around the captioner that the settings name.

    Raises:
        MissingCaptionerError, ModelFolderError: it is not there, or not whole.
    """
    return OnePairCaption(captioner=load_captioner(captioner_folder(settings)), settings=settings, name=name)


def load_many_pairs(*, settings: ManyPairsSettings, name: str) -> ManyPairsCaption:
    """The explainer of many pairs around the captioner that the settings name.

    Raises:
        MissingCaptionerError, ModelFolderError: it is not there, or not whole.
    """
    return ManyPairsCaption(
        captioner=load_captioner(captioner_folder(settings)), settings=settings, name=name
    )


def load_captioner(folder: Path, *, device: str = "cpu") -> PairCaptioner:
    """The captioner in a folder, ready to be asked.

    Raises:
        ModelFolderError: a file is missing or broken, or the weights do not fit the configuration exactly.
        UnknownNameError: the folder holds a captioner of another kind.
    """
    held = read_model(folder)
    if held.kind not in KINDS:
        raise unknown_name("kind", held.kind, KINDS)
    architecture, network_of, marks = KINDS[held.kind]
    vocabulary = held.vocabulary(marks)
    network = network_of(architecture(**held.sizes()), vocabulary)
    try:
        network.load_state_dict(held.weights)
    except RuntimeError as reason:
        raise ModelFolderError(
            f"The weights in {str(folder)!r} must fit its configuration. {str(reason).splitlines()[0]}"
        ) from reason
    return PairCaptioner(
        network=network.to(device).eval(),
        preprocessing=held.preprocessing,
        vocabulary=vocabulary,
        id=held.id,
        device=device,
    )
