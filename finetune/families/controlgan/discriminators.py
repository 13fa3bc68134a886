"""ControlGAN's discriminators: one per size that judges images and their sentence, one that judges words (§3.3).

None was ever published; names of modules follow the reference's `netD` files, so that one's own load. The
word-level discriminator departs from the reference, where its result is copied into a new tensor and no
gradient passes. Here it has the paper's learned perception layer, which the discriminators' loss trains, and
its score of a generated image trains the generator. The per-word weight of the reference is cancelled by the
cosine it is applied before; here it weights the words' scores, so that it has an effect.
"""

from typing import Any

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from finetune.families.controlgan.architecture import Architecture
from finetune.families.controlgan.attention import region_contexts, word_agreement
from finetune.families.controlgan.layers import conv1x1, down_block, leaky_block

REGION_SHARPNESS, WORD_SHARPNESS = 4.0, 5.0
"""γ₁ and γ₂ of the DAMSM."""


class Judge(nn.Module):
    """A logit from 4×4 features, with or without a sentence."""

    def __init__(self, width: int, *, sentence_width: int | None) -> None:
        super().__init__()
        if sentence_width is not None:
            self.jointConv = leaky_block(width + sentence_width, width)
        self.outlogits = nn.Sequential(nn.Conv2d(width, 1, 4, stride=4))

    def forward(
        self, features: Float[Tensor, "b c 4 4"], sentences: Float[Tensor, "b d"] | None = None
    ) -> Float[Tensor, " b"]:
        """A logit per image: positive is real."""
        if sentences is not None:
            spread = sentences[:, :, None, None].expand(-1, -1, 4, 4)
            features = self.jointConv(torch.cat([features, spread], dim=1))
        return self.outlogits(features).flatten()


class ImageDiscriminator(nn.Module):
    """Judges the images of one size, alone and beside a sentence."""

    def __init__(self, architecture: Architecture, *, stage: int) -> None:
        super().__init__()
        width, n_halvings = architecture.discriminator_width, architecture.n_doublings
        first = [nn.Conv2d(3, width, 4, stride=2, padding=1, bias=False), nn.LeakyReLU(0.2)]
        rest = (down_block(width << n, width << (n + 1)) for n in range(n_halvings - 1))
        self.img_code_s16 = nn.Sequential(*first, *(layer for block in rest for layer in block))
        last = width << (n_halvings - 1)
        names = ["img_code_s16"]
        for extra in range(stage):
            names.append(f"img_code_s{32 << extra}")
            self.add_module(names[-1], nn.Sequential(*down_block(last << extra, last << (extra + 1))))
        for number, extra in enumerate(reversed(range(stage)), start=1):
            names.append(f"img_code_s{16 << stage}_{number}")
            self.add_module(names[-1], leaky_block(last << (extra + 1), last << extra))
        self._names = tuple(names)
        self.UNCOND_DNET = Judge(last, sentence_width=None)
        self.COND_DNET = Judge(last, sentence_width=architecture.word_width)

    def forward(self, images: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b c 4 4"]:
        """Features that both judges read."""
        features: Any = images
        for name in self._names:
            features = self.get_submodule(name)(features)
        return features


class WordDiscriminator(nn.Module):
    """Judges whether an image shows the words of a caption; reads the image encoder through a layer of its own."""

    def __init__(self, channels: int, *, word_width: int) -> None:
        super().__init__()
        self.perception = conv1x1(channels, word_width)

    def forward(
        self,
        local: Float[Tensor, "b channels h w"],
        words: Float[Tensor, "b d t"],
        padding: Bool[Tensor, "b t"],
    ) -> Float[Tensor, " b"]:
        """A logit per image, in ±γ₂: positive where the words are seen."""
        contexts = region_contexts(words, self.perception(local), padding=padding, sharpness=REGION_SHARPNESS)
        weights = _word_weights(words, padding)
        scores = WORD_SHARPNESS * word_agreement(words, contexts) + weights.clamp(min=1e-12).log()
        return scores.masked_fill(padding, float("-inf")).logsumexp(dim=1)


def _word_weights(words: Float[Tensor, "b d t"], padding: Bool[Tensor, "b t"]) -> Float[Tensor, "b t"]:
    """How much each word says of its caption: softmax of its product with the mean word; 0 at padding."""
    kept = (~padding).unsqueeze(1)
    mean = (words * kept).sum(dim=2) / kept.sum(dim=2)
    return torch.einsum("bd,bdt->bt", mean, words).masked_fill(padding, float("-inf")).softmax(dim=1)
