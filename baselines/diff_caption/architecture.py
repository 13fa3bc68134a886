"""The sizes of an IDC-PCL, and four choices of them: as published for two data sets, for a CPU, and the miniature's."""

from dataclasses import dataclass, replace

from baselines.captioning.backbone import MINIATURE_RESNET, RESNET18, RESNET101, BackboneShape
from finexl.errors import InvalidInputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Architecture:
    """Sizes of an IDC-PCL (yaolinli/IDC, clver/config and bird/config)."""

    backbone: BackboneShape
    """What makes regions of an image. The release has none: its regions were extracted beforehand."""
    width: int
    feed_forward: int
    heads: int
    n_blocks: int
    """Blocks of the cross-modal encoder; the encoders of one image and of a pair have one block each."""
    max_length: int
    """Words of the longest caption, with start and end."""
    dropout: float
    tells_distractors: bool = True
    """There is a head that tells a change from a distractor (CLEVR); bird pairs have no distractors."""

    def __post_init__(self) -> None:
        if self.width % self.heads or self.width % 2:
            raise InvalidInputError(
                f"`width` of an IDC-PCL must be even and a multiple of `heads`. Got {self.width} and {self.heads}."
            )

    @property
    def region_width(self) -> int:
        return self.backbone.out_channels


CLEVR = Architecture(
    backbone=RESNET101, width=512, feed_forward=2048, heads=8, n_blocks=3, max_length=40, dropout=0.2
)
BIRDS = replace(CLEVR, n_blocks=2, max_length=80, tells_distractors=False)
SMALL = Architecture(
    backbone=RESNET18, width=128, feed_forward=256, heads=8, n_blocks=2, max_length=40, dropout=0.1
)
MINIATURE = Architecture(
    backbone=MINIATURE_RESNET, width=64, feed_forward=128, heads=4, n_blocks=2, max_length=16, dropout=0.05,
)  # fmt: skip
ARCHITECTURES: dict[str, Architecture] = {
    "published": CLEVR,
    "birds": BIRDS,
    "small": SMALL,
    "miniature": MINIATURE,
}
