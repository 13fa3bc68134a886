"""A residual network without pooling and classifier, of any width, in the parameter layout of both rivals' extractors.

The names are those of a `Sequential` over torchvision's first eight children, as in ShizhenChang/Chg2Cap
(model/model_encoder.py): `cnn.0` is the first convolution, `cnn.4` to `cnn.7` are the four stages.
"""

from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor, nn

from finexl.errors import InvalidInputError

STEM = 4
"""Children before the first stage."""


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
    stem_width: int

    def __post_init__(self) -> None:
        if not len(self.blocks) == len(self.widths) == len(self.strides) > 0:
            raise InvalidInputError(
                "`blocks`, `widths` and `strides` of a backbone must have one entry for each stage. "
                f"Got {self.blocks}, {self.widths} and {self.strides}."
            )

    @property
    def out_channels(self) -> int:
        return self.widths[-1] * (4 if self.bottleneck else 1)


RESNET101 = BackboneShape(
    blocks=(3, 4, 23, 3), widths=(64, 128, 256, 512), strides=(1, 2, 2, 2), bottleneck=True, stem_width=64
)
RESNET18 = BackboneShape(
    blocks=(2, 2, 2, 2), widths=(64, 128, 256, 512), strides=(1, 2, 2, 2), bottleneck=False, stem_width=64
)


class Backbone(nn.Module):
    """Image to feature map."""

    def __init__(self, shape: BackboneShape) -> None:
        super().__init__()
        stages: list[nn.Module] = []
        channels = shape.stem_width
        for blocks, width, stride in zip(shape.blocks, shape.widths, shape.strides, strict=True):
            make = _Bottleneck if shape.bottleneck else _BasicBlock
            first = make(channels, width, stride)
            channels = width * make.expansion
            stages.append(nn.Sequential(first, *(make(channels, width, 1) for _ in range(blocks - 1))))
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
        for child in list(self.cnn)[:n_children]:
            child.requires_grad_(False)


class _BasicBlock(nn.Module):
    expansion = 1

    def __init__(self, channels: int, width: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, width, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.downsample = _shortcut(channels, width, stride)

    def forward(self, x: Tensor) -> Tensor:
        y = self.bn1(self.conv1(x)).relu()
        y = self.bn2(self.conv2(y))
        return (y + (x if self.downsample is None else self.downsample(x))).relu()


class _Bottleneck(nn.Module):
    expansion = 4

    def __init__(self, channels: int, width: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride=stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, 4 * width, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(4 * width)
        self.downsample = _shortcut(channels, 4 * width, stride)

    def forward(self, x: Tensor) -> Tensor:
        y = self.bn1(self.conv1(x)).relu()
        y = self.bn2(self.conv2(y)).relu()
        y = self.bn3(self.conv3(y))
        return (y + (x if self.downsample is None else self.downsample(x))).relu()


def _shortcut(channels: int, out: int, stride: int) -> nn.Sequential | None:
    """What makes the input fit the sum; nothing where it fits already."""
    if stride == 1 and channels == out:
        return None
    return nn.Sequential(nn.Conv2d(channels, out, 1, stride=stride, bias=False), nn.BatchNorm2d(out))
