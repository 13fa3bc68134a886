"""ControlGAN's generator: three stages, each twice as large, steered word by word (NeurIPS 2019, §3).

Names of modules are those of the published birds generator, so its files load strictly. The corrections are
told in `attention.py`.
"""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from finetune.families.controlgan.architecture import Architecture
from finetune.families.controlgan.attention import ChannelWordAttention, SpatialWordAttention
from finetune.families.controlgan.layers import HalfGate, ResidualBlock, conv3x3, up_block


class Chance(NamedTuple):
    """All that is random about a batch of images."""

    noise: Float[Tensor, "b z"]
    condition_noise: Float[Tensor, "b c"]
    """What the conditioning augmentation draws around the sentence with."""


class Captions(NamedTuple):
    """Encoded captions, padded to one length."""

    sentences: Float[Tensor, "b d"]
    words: Float[Tensor, "b d t"]
    padding: Bool[Tensor, "b t"]
    """True behind the end of a caption."""


class Condition(NamedTuple):
    """The conditioning augmentation's normal distribution."""

    mean: Float[Tensor, "b c"]
    log_variance: Float[Tensor, "b c"]


class Generated(NamedTuple):
    """What the generator makes of captions and chance."""

    images: tuple[Tensor, ...]
    """One batch per stage, smallest first: (b, 3, side, side) in [−1, 1]."""
    condition: Condition


class ConditioningAugmentation(nn.Module):
    """A normal distribution around each sentence (StackGAN); a linear layer and a gate."""

    def __init__(self, sentence_width: int, condition_width: int) -> None:
        super().__init__()
        self.fc = nn.Linear(sentence_width, 4 * condition_width)
        self.gate = HalfGate()

    def forward(self, sentences: Float[Tensor, "b d"]) -> Condition:
        """Mean and logarithm of the variance."""
        return Condition(*self.gate(self.fc(sentences)).chunk(2, dim=1))


class FirstStage(nn.Module):
    """From condition and noise to the smallest feature map."""

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        n_inputs = architecture.condition_width + architecture.noise_width
        self._width = architecture.generator_width << architecture.n_doublings
        self._n_doublings = architecture.n_doublings
        n_cells = 4 * 4
        self.fc = nn.Sequential(
            nn.Linear(n_inputs, 2 * n_cells * self._width, bias=False),
            nn.BatchNorm1d(2 * n_cells * self._width),
            HalfGate(),
        )
        for number in range(1, self._n_doublings + 1):
            width = self._width >> number
            self.add_module(f"upsample{number}", up_block(2 * width, width))

    def forward(
        self, noise: Float[Tensor, "b z"], condition: Float[Tensor, "b c"]
    ) -> Float[Tensor, "b f side side"]:
        """Features of the first stage's size."""
        features = self.fc(torch.cat([condition, noise], dim=1)).unflatten(1, (self._width, 4, 4))
        for number in range(1, self._n_doublings + 1):
            features = self.get_submodule(f"upsample{number}")(features)
        return features


class NextStage(nn.Module):
    """Twice the size of the features, with both kinds of attention to the words."""

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        width, cells = architecture.generator_width, architecture.channel_cells
        word_width = architecture.word_width
        self.att = SpatialWordAttention(width, word_width=word_width, channel_cells=cells)
        self.channel_att = ChannelWordAttention(word_width=word_width, channel_cells=cells)
        self.residual = nn.Sequential(*(ResidualBlock(3 * width) for _ in range(architecture.n_residual)))
        self.upsample = up_block(3 * width, width)

    def forward(
        self, features: Float[Tensor, "b f h w"], captions: Captions
    ) -> Float[Tensor, "b f double_h double_w"]:
        """Features of twice the side."""
        attended = self.att(features, captions.words, captions.padding)
        by_channel = self.channel_att(attended, captions.words, captions.padding)
        maps = [features, attended.view_as(features), by_channel.view_as(features)]
        return self.upsample(self.residual(torch.cat(maps, dim=1)))


class ImageHead(nn.Module):
    """Reads an image from features."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.img = nn.Sequential(conv3x3(width, 3), nn.Tanh())

    def forward(self, features: Float[Tensor, "b f h w"]) -> Float[Tensor, "b 3 h w"]:
        """Pixels in [−1, 1]."""
        return self.img(features)


class ControlGenerator(nn.Module):
    """Images of three sizes from captions and chance."""

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        width = architecture.generator_width
        self.ca_net = ConditioningAugmentation(architecture.word_width, architecture.condition_width)
        self.h_net1 = FirstStage(architecture)
        self.h_net2 = NextStage(architecture)
        self.h_net3 = NextStage(architecture)
        self.img_net1 = ImageHead(width)
        self.img_net2 = ImageHead(width)
        self.img_net3 = ImageHead(width)

    def forward(self, captions: Captions, chance: Chance) -> Generated:
        """Images of every stage, and the distribution that their condition was drawn from."""
        condition = self.ca_net(captions.sentences)
        drawn = condition.mean + (0.5 * condition.log_variance).exp() * chance.condition_noise
        small = self.h_net1(chance.noise, drawn)
        middle = self.h_net2(small, captions)
        large = self.h_net3(middle, captions)
        images = self.img_net1(small), self.img_net2(middle), self.img_net3(large)
        return Generated(images, condition)
