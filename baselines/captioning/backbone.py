"""A residual network without pooling and classifier, of any width, in the parameter layout of both releases.

The names are those of a `Sequential` over torchvision's first eight children, as in ShizhenChang/Chg2Cap
(model/model_encoder.py): `cnn.0` is the first convolution, `cnn.4` to `cnn.7` are the four stages.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor, nn
from torchvision.models.resnet import BasicBlock, Bottleneck

from finexl.errors import InvalidInputError

_OWN_NAMES = {"conv1": 0, "bn1": 1, "layer1": 4, "layer2": 5, "layer3": 6, "layer4": 7}
"""What torchvision's ResNet calls the children that have weights, and their positions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackboneShape:
    """Sizes of a residual network."""

    blocks: tuple[int, ...]
    """Residual blocks of each stage."""
    widths: tuple[int, ...]
    """Channels within the blocks of each stage; a bottleneck gives four times as many."""
    strides: tuple[int, ...]
    """By how much each stage shrinks the map; the stem shrinks it by four."""
    bottleneck: bool
    """Whether blocks are those of ResNet-50 and larger."""
    stem_width: int
    """Channels before the first stage."""

    def __post_init__(self) -> None:
        if not len(self.blocks) == len(self.widths) == len(self.strides) > 0:
            raise InvalidInputError(
                "`blocks`, `widths` and `strides` of a backbone must have one entry for each stage. "
                f"Got {self.blocks}, {self.widths} and {self.strides}."
            )

    @property
    def out_channels(self) -> int:
        """Channels of the feature map."""
        return self.widths[-1] * (Bottleneck if self.bottleneck else BasicBlock).expansion


RESNET101 = BackboneShape(
    blocks=(3, 4, 23, 3), widths=(64, 128, 256, 512), strides=(1, 2, 2, 2), bottleneck=True, stem_width=64
)
RESNET18 = BackboneShape(
    blocks=(2, 2, 2, 2), widths=(64, 128, 256, 512), strides=(1, 2, 2, 2), bottleneck=False, stem_width=64
)
MINIATURE_RESNET = BackboneShape(
    blocks=(1, 1, 1), widths=(24, 32, 48), strides=(1, 2, 1), bottleneck=False, stem_width=24
)


class Backbone(nn.Module):
    """Image to feature map."""

    def __init__(self, shape: BackboneShape) -> None:
        super().__init__()
        block = Bottleneck if shape.bottleneck else BasicBlock
        stages: list[nn.Module] = []
        channels = shape.stem_width
        for n_blocks, width, stride in zip(shape.blocks, shape.widths, shape.strides, strict=True):
            out, shortcut = width * block.expansion, None
            if stride != 1 or channels != out:  # the input must fit the sum
                shortcut = nn.Sequential(
                    nn.Conv2d(channels, out, 1, stride=stride, bias=False), nn.BatchNorm2d(out)
                )
            first = block(channels, width, stride, shortcut)
            stages.append(nn.Sequential(first, *(block(out, width) for _ in range(n_blocks - 1))))
            channels = out
        self.cnn = nn.Sequential(
            nn.Conv2d(3, shape.stem_width, 7, stride=2, padding=3, bias=False),
            nn.BatchNorm2d(shape.stem_width),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, stride=2, padding=1),
            *stages,
        )
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, images: Float[Tensor, "n 3 h w"]) -> Float[Tensor, "n c i j"]:
        """Features of standardised images."""
        return self.cnn(images)

    def freeze(self, n_children: int) -> None:
        """Keep the weights of the first children as they are; the published training keeps five."""
        self.cnn[:n_children].requires_grad_(False)


def backbone_names(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors of a torchvision ResNet under the names of `Backbone`; the classifier is left out."""
    parts = {name: name.partition(".") for name in tensors}
    return {
        f"cnn.{_OWN_NAMES[child]}.{rest}": tensors[name]
        for name, (child, _, rest) in parts.items()
        if child in _OWN_NAMES
    }
