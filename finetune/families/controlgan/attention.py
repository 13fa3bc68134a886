"""Attention between words and images (ControlGAN §3.1, §3.2; AttnGAN's DAMSM).

Departures from the reference (mrlibw/ControlGAN, `attention.py`), which is wrong there:

- The mask of padded words belongs to the sample whose words they are. The reference tiles it over the batch
  in the other order, so that a location is masked by another caption's padding.
- Channel-wise attention leaves padded words out as well. In the reference they take part in the softmax, so
  that an image depends on the longest caption in its batch.
- Every softmax names its dimension.

A caption that is the longest of its batch, alone in it, gives the same maps as the reference.
"""

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn.functional import normalize

from finetune.families.controlgan.layers import conv1x1


class SpatialWordAttention(nn.Module):
    """For every location the words that matter there, mixed (`att`).

    The published files hold two more projections here, which nothing reads; they are kept so that the files load
    strictly.
    """

    def __init__(self, width: int, *, word_width: int, channel_cells: tuple[int, int]) -> None:
        super().__init__()
        self.conv_context = conv1x1(word_width, width)
        self.conv_context2 = conv1x1(word_width, channel_cells[0])
        self.conv_context3 = conv1x1(word_width, channel_cells[1])

    def forward(
        self,
        features: Float[Tensor, "b c h w"],
        words: Float[Tensor, "b d t"],
        padding: Bool[Tensor, "b t"],
    ) -> Float[Tensor, "b c cells"]:
        """A mixture of projected words per location; cells = h · w."""
        projected = self.conv_context(words.unsqueeze(3)).squeeze(3)  # b c t
        matches = features.flatten(2).transpose(1, 2) @ projected  # b cells t
        weights = matches.masked_fill(padding[:, None, :], float("-inf")).softmax(dim=2)
        return projected @ weights.transpose(1, 2)


class ChannelWordAttention(nn.Module):
    """For every channel the words that matter to it, mixed (`channel_att`).

    Words are projected to the cells of the feature map; a stage reads the projection of its own size, the other one is
    in the published files and unused.
    """

    def __init__(self, *, word_width: int, channel_cells: tuple[int, int]) -> None:
        super().__init__()
        self.conv_context2 = conv1x1(word_width, channel_cells[0])
        self.conv_context3 = conv1x1(word_width, channel_cells[1])

    def forward(
        self,
        attended: Float[Tensor, "b c cells"],
        words: Float[Tensor, "b d t"],
        padding: Bool[Tensor, "b t"],
    ) -> Float[Tensor, "b c cells"]:
        """A mixture of projected words per channel of the spatially attended map."""
        first = attended.shape[2] == self.conv_context2.out_channels
        projection = self.conv_context2 if first else self.conv_context3
        projected = projection(words.unsqueeze(3)).squeeze(3)  # b cells t
        weights = (
            (attended @ projected).masked_fill(padding[:, None, :], float("-inf")).softmax(dim=2)
        )  # b c t
        return weights @ projected.transpose(1, 2)


def region_contexts(
    words: Float[Tensor, "b d t"],
    regions: Float[Tensor, "b d h w"],
    *,
    padding: Bool[Tensor, "b t"],
    sharpness: float,
) -> Float[Tensor, "b d t"]:
    """What each word sees: an image's regions, by how much they are this word's (`sharpness`: the DAMSM's γ₁)."""
    flat = regions.flatten(2)
    matches = (flat.transpose(1, 2) @ words).masked_fill(padding[:, None, :], float("-inf"))  # b cells t
    share_of_word = matches.softmax(dim=2)
    weights = (sharpness * share_of_word).softmax(dim=1)
    return flat @ weights


def word_agreement(words: Float[Tensor, "b d t"], contexts: Float[Tensor, "b d t"]) -> Float[Tensor, "b t"]:
    """Cosine between each word and what it sees; 0 where either is empty."""
    return (normalize(words, dim=1) * normalize(contexts, dim=1)).sum(dim=1)


def padding_of(lengths: Tensor, length: int) -> Bool[Tensor, "b t"]:
    """True at the places behind the end of a caption."""
    return torch.arange(length, device=lengths.device) >= lengths[:, None]
