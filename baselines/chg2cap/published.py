"""A released Chg2Cap checkpoint to a folder: three state dictionaries and `vocab.json` (ShizhenChang/Chg2Cap)."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from torch import Tensor, nn

from baselines.captioning.model_folder import write_model
from baselines.captioning.preprocessing import LEVIR
from baselines.captioning.published import PublishedFileError, load_strictly
from baselines.captioning.vocabulary import Vocabulary, read_words
from baselines.chg2cap.architecture import PUBLISHED, Architecture
from baselines.chg2cap.model import MARKS, Chg2Cap

PARTS = {"encoder_dict": "encoder", "encoder_trans_dict": "encoder_trans", "decoder_dict": "decoder"}
"""The names of a checkpoint's parts, and of the modules that they are of."""


def convert_chg2cap(
    published: Mapping[str, Mapping[str, Tensor]],
    files: Mapping[str, Path],
    folder: Path,
    *,
    architecture: Architecture | None = None,
) -> None:
    """Write a released checkpoint as a captioner's folder; every part is loaded strictly on the way.

    Without an `architecture` it is the published one, for captions of the checkpoint's length.
    """
    missing = sorted(set(PARTS) - set(published))
    if missing:
        raise PublishedFileError(
            f"{files['checkpoint']} must hold {', '.join(PARTS)}. Missing: {', '.join(missing)}."
        )
    vocabulary = Vocabulary(words=read_words(files["vocabulary"]), marks=MARKS)
    architecture = architecture or architecture_of(published["decoder_dict"])
    model = Chg2Cap(architecture, vocabulary)
    for name, part in PARTS.items():
        module = getattr(model, part)
        assert isinstance(module, nn.Module)
        load_strictly(module, published[name], path=files["checkpoint"])
    write_model(
        folder, "chg2cap", sizes=architecture, preprocessing=LEVIR, vocabulary=vocabulary,
        weights=model.state_dict(),
    )  # fmt: skip


def architecture_of(decoder: Mapping[str, Tensor]) -> Architecture:
    """The published sizes, for captions as long as a table of positions: 41 words for LEVIR-CC, 27 for Dubai-CC."""
    positions = decoder.get("position_encoding.pe")
    return PUBLISHED if positions is None else replace(PUBLISHED, max_length=len(positions))
