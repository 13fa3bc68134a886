"""The DAMSM's encoders: captions to words and sentences, images to regions and a whole (AttnGAN).

The text encoder and the Inception image encoder keep AttnGAN's published keys, which ControlGAN's weights
were trained with. The small image encoder is the miniature's; it keeps the names of the two projections.
"""

from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn.functional import adaptive_avg_pool2d, interpolate, max_pool2d
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from finetune.families.controlgan.architecture import Architecture
from finetune.families.controlgan.attention import padding_of
from finetune.families.controlgan.generator import Captions
from finetune.families.controlgan.layers import conv1x1, down_block, leaky_block

_BEFORE_REGIONS = (
    "Conv2d_1a_3x3", "Conv2d_2a_3x3", "Conv2d_2b_3x3", None, "Conv2d_3b_1x1", "Conv2d_4a_3x3", None,
    "Mixed_5b", "Mixed_5c", "Mixed_5d", "Mixed_6a", "Mixed_6b", "Mixed_6c", "Mixed_6d", "Mixed_6e",
)  # fmt: skip
"""Inception-v3's blocks up to 768×17×17, in torchvision's names; None is a 3×3 maximum with stride 2."""
_AFTER_REGIONS = ("Mixed_7a", "Mixed_7b", "Mixed_7c")


class TextEncoder(nn.Module):
    """A bidirectional LSTM: its states are the words, its ends the sentence."""

    def __init__(self, architecture: Architecture, *, dropout: float = 0.5) -> None:
        super().__init__()
        self.encoder = nn.Embedding(architecture.n_words, architecture.embedding_width)
        self.drop = nn.Dropout(dropout)
        self.rnn = nn.LSTM(
            architecture.embedding_width, architecture.word_width // 2, batch_first=True, bidirectional=True
        )

    def forward(self, tokens: Int[Tensor, "b t"], lengths: Int[Tensor, " b"]) -> Captions:
        """Encoded captions; words behind a caption's end are zero."""
        embedded = self.drop(self.encoder(tokens))
        packed = pack_padded_sequence(embedded, lengths.cpu(), batch_first=True, enforce_sorted=False)
        states, (ends, _) = self.rnn(packed)
        words, _ = pad_packed_sequence(states, batch_first=True, total_length=tokens.shape[1])
        return Captions(
            sentences=ends.transpose(0, 1).flatten(1),
            words=words.transpose(1, 2),
            padding=padding_of(lengths, tokens.shape[1]),
        )


class Seen(NamedTuple):
    """An image as the DAMSM sees it."""

    local: Float[Tensor, "b channels h w"]
    """Features of regions before their projection, which the word-level discriminator projects by itself."""
    regions: Float[Tensor, "b d h w"]
    whole: Float[Tensor, "b d"]


class SmallImageEncoder(nn.Module):
    """Four halvings: regions after the third (8×8 at 64 pixels), the whole after the fourth."""

    WIDTHS = (24, 48, 96, 128)

    def __init__(self, word_width: int) -> None:
        super().__init__()
        first, second, third, fourth = self.WIDTHS
        self.early = nn.Sequential(nn.Conv2d(3, first, 4, stride=2, padding=1), nn.LeakyReLU(0.2))
        self.middle = nn.Sequential(*down_block(first, second))
        self.late = nn.Sequential(*down_block(second, third))
        self.last = nn.Sequential(nn.AvgPool2d(2), *leaky_block(third, fourth))
        self.emb_features = conv1x1(third, word_width)
        self.emb_cnn_code = nn.Linear(fourth, word_width)

    def forward(self, images: Float[Tensor, "b 3 h w"]) -> Seen:
        """Regions and whole of images in [−1, 1]."""
        local = self.late(self.middle(self.early(images)))
        whole = adaptive_avg_pool2d(self.last(local), 1).flatten(1)
        return Seen(local, self.emb_features(local), self.emb_cnn_code(whole))


class InceptionImageEncoder(nn.Module):
    """Inception-v3 at 299 pixels: 17×17 regions of 768 features, a whole of 2048."""

    def __init__(self, word_width: int) -> None:
        super().__init__()
        from torchvision.models import inception_v3

        trunk = inception_v3(weights=None, init_weights=False, aux_logits=False)
        for name in (*_BEFORE_REGIONS, *_AFTER_REGIONS):
            if name is not None:
                self.add_module(name, trunk.get_submodule(name))
        self.emb_features = conv1x1(768, word_width)
        self.emb_cnn_code = nn.Linear(2048, word_width)

    def forward(self, images: Float[Tensor, "b 3 h w"]) -> Seen:
        """Regions and whole of images in [−1, 1]."""
        features = interpolate(images, size=(299, 299), mode="bilinear", align_corners=False)
        for name in _BEFORE_REGIONS:
            features = max_pool2d(features, 3, 2) if name is None else self.get_submodule(name)(features)
        local = features
        for name in _AFTER_REGIONS:
            features = self.get_submodule(name)(features)
        whole = adaptive_avg_pool2d(features, 1).flatten(1)
        return Seen(local, self.emb_features(local), self.emb_cnn_code(whole))


def build_image_encoder(architecture: Architecture) -> SmallImageEncoder | InceptionImageEncoder:
    """A randomly initialised image encoder."""
    match architecture.image_encoder:
        case "inception_v3":
            return InceptionImageEncoder(architecture.word_width)
        case "small":
            return SmallImageEncoder(architecture.word_width)


def stacked(captions: list[Captions]) -> Captions:
    """Several captions in one batch."""
    return Captions(*(torch.cat(parts) for parts in zip(*captions, strict=True)))
