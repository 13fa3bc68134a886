"""Untrained captioners of image pairs, small enough to be made in a test; each says one word of its choice."""

from dataclasses import replace
from pathlib import Path

import torch

from baselines.captioning.model_folder import write_model
from baselines.captioning.preprocessing import MINIATURE
from baselines.captioning.vocabulary import learned_vocabulary
from baselines.chg2cap import architecture as chg2cap
from baselines.chg2cap.model import FIRST, MARKS, Chg2Cap
from baselines.diff_caption import architecture as diff_caption
from baselines.diff_caption.model import FIRST as IDC_FIRST
from baselines.diff_caption.model import MARKS as IDC_MARKS
from baselines.diff_caption.model import DiffCaption

WORD = "vivid"
_KNOWN = {"aspects": (WORD,), "degrees": {"": 6.0}}


def write_captioners(root: Path) -> dict[str, Path]:
    """A folder for each kind."""
    torch.manual_seed(0)
    sizes = replace(chg2cap.MINIATURE, max_length=4)
    first = Chg2Cap(sizes, learned_vocabulary((WORD,), FIRST, marks=MARKS, **_KNOWN))
    other_sizes = replace(diff_caption.MINIATURE, max_length=4)
    second = DiffCaption(other_sizes, learned_vocabulary((WORD,), IDC_FIRST, marks=IDC_MARKS, **_KNOWN))
    for layer, words in (
        (first.decoder.wdc, first.vocabulary),
        (second.captioner.output_layer, second.captioner.vocabulary),
    ):
        torch.nn.init.constant_(layer.bias[words.id(WORD)], 1000.0)
    for kind, model, chosen in (("chg2cap", first, sizes), ("diff_caption", second, other_sizes)):
        words = (first if kind == "chg2cap" else second.captioner).vocabulary
        write_model(
            root / kind,
            kind,
            sizes=chosen,
            preprocessing=MINIATURE,
            vocabulary=words,
            weights=model.state_dict(),
        )
    return {kind: root / kind for kind in ("chg2cap", "diff_caption")}
