"""The sizes of a Chg2Cap, and three choices of them: as published, for a CPU, and the miniature's."""

from dataclasses import dataclass
from typing import Literal

from baselines.captioning.backbone import MINIATURE_RESNET, RESNET18, RESNET101, BackboneShape
from finexl.errors import InvalidInputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Architecture:
    """Sizes of a Chg2Cap (ShizhenChang/Chg2Cap, train.py's options)."""

    backbone: BackboneShape
    grid: int
    """Rows and columns that the position tables have; feature maps may be smaller."""
    n_layers: int
    """Layers of the attentive encoder."""
    attention_width: int
    feed_forward: int
    heads: int
    feature_width: int
    """Width of fusion and decoder."""
    decoder_layers: int
    max_length: int
    """Words of the longest caption, with start and end."""
    dropout: float
    values_from: Literal["keys", "values"]
    """What attention averages. The published code projects values with the layer of the keys and leaves that of the
    values unused; its weights need `keys`, and new ones are better trained with `values`."""

    def __post_init__(self) -> None:
        if self.attention_width % self.heads or self.feature_width % self.heads:
            raise InvalidInputError(
                "`attention_width` and `feature_width` of a Chg2Cap must be multiples of `heads`. "
                f"Got {self.attention_width}, {self.feature_width} and {self.heads}."
            )
        if self.backbone.out_channels % 2:
            raise InvalidInputError("The backbone of a Chg2Cap must have an even number of channels.")


PUBLISHED = Architecture(
    backbone=RESNET101, grid=16, n_layers=3, attention_width=2048, feed_forward=512, heads=8, feature_width=2048,
    decoder_layers=1, max_length=41, dropout=0.1, values_from="keys",
)  # fmt: skip
SMALL = Architecture(
    backbone=RESNET18, grid=16, n_layers=1, attention_width=128, feed_forward=256, heads=8, feature_width=128,
    decoder_layers=1, max_length=41, dropout=0.1, values_from="values",
)  # fmt: skip
MINIATURE = Architecture(
    backbone=MINIATURE_RESNET, grid=8, n_layers=1, attention_width=48, feed_forward=96, heads=4, feature_width=64,
    decoder_layers=1, max_length=16, dropout=0.05, values_from="values",
)  # fmt: skip
ARCHITECTURES: dict[str, Architecture] = {"published": PUBLISHED, "small": SMALL, "miniature": MINIATURE}
