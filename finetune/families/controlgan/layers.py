"""The blocks that generator and discriminators of ControlGAN are built from; positions give the published keys."""

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import glu


class HalfGate(nn.Module):
    """A gated linear unit over channels: the first half times the sigmoid of the second."""

    def forward(self, features: Float[Tensor, "b twice *cells"]) -> Float[Tensor, "b once *cells"]:
        """Half as many channels."""
        return glu(features, dim=1)


def conv3x3(n_in: int, n_out: int) -> nn.Conv2d:
    """A convolution that keeps the size, without bias."""
    return nn.Conv2d(n_in, n_out, 3, padding=1, bias=False)


def conv1x1(n_in: int, n_out: int) -> nn.Conv2d:
    """A linear map of channels, without bias."""
    return nn.Conv2d(n_in, n_out, 1, bias=False)


def up_block(n_in: int, n_out: int) -> nn.Sequential:
    """Doubles the side; weights at positions 1 and 2."""
    return nn.Sequential(
        nn.Upsample(scale_factor=2, mode="nearest"),
        conv3x3(n_in, 2 * n_out),
        nn.BatchNorm2d(2 * n_out),
        HalfGate(),
    )


def down_block(n_in: int, n_out: int) -> list[nn.Module]:
    """Halves the side; weights at positions 0 and 1."""
    return [
        nn.Conv2d(n_in, n_out, 4, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(n_out),
        nn.LeakyReLU(0.2),
    ]


def leaky_block(n_in: int, n_out: int) -> nn.Sequential:
    """Keeps the side; weights at positions 0 and 1."""
    return nn.Sequential(conv3x3(n_in, n_out), nn.BatchNorm2d(n_out), nn.LeakyReLU(0.2))


class ResidualBlock(nn.Module):
    """Adds what two convolutions make of the features; weights at positions 0, 1, 3 and 4 of `block`."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.block = nn.Sequential(
            conv3x3(width, 2 * width),
            nn.BatchNorm2d(2 * width),
            HalfGate(),
            conv3x3(width, width),
            nn.BatchNorm2d(width),
        )

    def forward(self, features: Float[Tensor, "b c h w"]) -> Float[Tensor, "b c h w"]:
        """The same shape."""
        return features + self.block(features)
