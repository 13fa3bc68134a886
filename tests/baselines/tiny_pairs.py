"""A handful of pairs that differ in plain ways, and networks of a few thousand weights that can learn them."""

from dataclasses import replace

import numpy as np

from baselines.captioning.backbone import BackboneShape
from baselines.captioning.pairs import FolderPairs
from baselines.captioning.preprocessing import Preprocessing
from baselines.chg2cap import architecture as chg2cap
from baselines.diff_caption import architecture as diff_caption

SIZE = 16
CAPTIONS = (
    "the second image is very red",
    "the second image is slightly red",
    "the second image is very dark",
    "the second image is slightly dark",
    "there is no difference",
    "the second image is red and very dark",
    "the second image is striped",
    "the second image is very striped",
)
PREPROCESSING = Preprocessing(size=SIZE, mean=(127.5,) * 3, std=(63.75,) * 3)
SHAPE = BackboneShape(blocks=(1, 1), widths=(8, 8), strides=(1, 1), bottleneck=False, stem_width=8)
CHG2CAP = replace(
    chg2cap.MINIATURE,
    backbone=SHAPE, grid=4, attention_width=16, feed_forward=16, heads=2, feature_width=16, max_length=12, dropout=0.0,
)  # fmt: skip
DIFF_CAPTION = replace(
    diff_caption.MINIATURE,
    backbone=SHAPE, width=16, feed_forward=32, heads=2, n_blocks=1, max_length=12, dropout=0.0,
)  # fmt: skip


def tiny_pairs() -> FolderPairs:
    """Eight noisy grey images, each changed as its caption says."""
    base = np.random.default_rng(0).integers(100, 160, (len(CAPTIONS), SIZE, SIZE, 3), dtype=np.uint8)
    return FolderPairs(
        base=base,
        personalized=np.stack(
            [_changed(image, caption) for image, caption in zip(base, CAPTIONS, strict=True)]
        ),
        captions=CAPTIONS,
        changed=tuple("no difference" not in caption for caption in CAPTIONS),
        aspects=("red", "dark", "striped"),
        degrees={"slightly": 3.0, "": 6.0, "very": 9.0},
    )


def darker_pairs() -> FolderPairs:
    """The same with darker base images."""
    pairs = tiny_pairs()
    return replace(pairs, base=pairs.base - 50)


def _changed(image: np.ndarray, caption: str) -> np.ndarray:
    amounts = {"very": 80, "slightly": 25}
    changed = image.astype(int)
    for part in caption.split(" and "):
        amount = next((amounts[word] for word in part.split() if word in amounts), 50)
        if "red" in part:
            changed[..., 0] += amount
        if "dark" in part:
            changed -= amount
        if "striped" in part:
            changed[::2] += amount
    return changed.clip(0, 255).astype(np.uint8)
