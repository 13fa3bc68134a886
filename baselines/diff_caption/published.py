"""A released IDC-PCL checkpoint to a folder: a state dictionary, `dict.json`, and a ResNet-101 (yaolinli/IDC).

The release takes regions as given, so the ResNet that makes them has to be added; torchvision's file serves.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from torch import Tensor

from baselines.captioning.model_folder import write_model
from baselines.captioning.preprocessing import IMAGENET
from baselines.captioning.published import backbone_names, load_strictly
from baselines.captioning.vocabulary import Vocabulary, read_words
from baselines.diff_caption.architecture import BIRDS, CLEVR, Architecture
from baselines.diff_caption.model import MARKS
from baselines.diff_caption.network import DiffCaption


def convert_diff_caption(
    captioner: Mapping[str, Tensor],
    backbone: Mapping[str, Tensor],
    files: Mapping[str, Path],
    folder: Path,
    *,
    architecture: Architecture | None = None,
) -> None:
    """Write a fine-tuned checkpoint as a captioner's folder; both parts are loaded strictly on the way.

    Without an `architecture` it is one of the published sizes.
    """
    vocabulary = Vocabulary(words=read_words(files["vocabulary"]), marks=MARKS)
    architecture = architecture or architecture_of(captioner)
    model = DiffCaption(architecture, vocabulary)
    load_strictly(model.captioner, captioner, path=files["checkpoint"])
    load_strictly(model.regions, backbone_names(backbone), path=files["backbone"])
    write_model(
        folder, "diff_caption", sizes=architecture, preprocessing=IMAGENET, vocabulary=vocabulary,
        weights=model.state_dict(),
    )  # fmt: skip


def architecture_of(captioner: Mapping[str, Tensor]) -> Architecture:
    """Which of the two published sizes a checkpoint has: its blocks are counted, and birds have no pooler."""
    blocks = {int(name.split(".")[2]) for name in captioner if name.startswith("encoder.layers.")}
    chosen = CLEVR if any(name.startswith("pooler.") for name in captioner) else BIRDS
    return replace(chosen, n_blocks=max(blocks, default=chosen.n_blocks - 1) + 1)
