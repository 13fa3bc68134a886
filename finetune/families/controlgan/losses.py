"""What ControlGAN's networks are trained with (§3.4, §3.5; weights of the reference's `train_bird.yml`).

Departures from the reference: the word-level score of generated images is part of the generator's loss, as in
the paper (the reference leaves it out); images are normalised like ImageNet before VGG; probabilities are
kept as logits, which is the same loss without its overflow.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, mse_loss, normalize

from finetune.families.controlgan.discriminators import REGION_SHARPNESS, WORD_SHARPNESS
from finetune.families.controlgan.encoders import Seen
from finetune.families.controlgan.generator import Captions, Condition

PAIR_SHARPNESS = 10.0
"""γ₃ of the DAMSM."""
_IMAGENET = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class Verdicts(NamedTuple):
    """Logits of one discriminator."""

    alone: Float[Tensor, " b"]
    with_sentence: Float[Tensor, " b"]


def discriminator_loss(real: Verdicts, fake: Verdicts, mismatched: Float[Tensor, " m"]) -> Float[Tensor, ""]:
    """Real images are real alone and beside their sentence; generated ones and foreign sentences are not."""
    truths = (said(real.alone, True) + said(real.with_sentence, True)) / 2
    lies = (said(fake.alone, False) + said(fake.with_sentence, False) + said(mismatched, False)) / 3
    return truths + lies


def adversarial_loss(fake: Verdicts) -> Float[Tensor, ""]:
    """The generator wants its images called real, alone and beside their sentence."""
    return said(fake.alone, True) + said(fake.with_sentence, True)


def word_discriminator_loss(matched: Float[Tensor, " b"], foreign: Float[Tensor, " b"]) -> Float[Tensor, ""]:
    """Real images show their own words and not another caption's."""
    return (said(matched, True) + said(foreign, False)) / 2


def said(logits: Float[Tensor, " n"], truth: bool) -> Float[Tensor, ""]:
    """Binary cross-entropy of logits against one truth for all."""
    return binary_cross_entropy_with_logits(logits, torch.full_like(logits, float(truth)))


def condition_loss(condition: Condition) -> Float[Tensor, ""]:
    """Kullback-Leibler divergence of the conditioning distribution from the standard normal, per dimension."""
    mean, log_variance = condition
    return 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).mean()


def perceptual_loss(
    perceive: Callable[[Tensor], Tensor], fakes: Sequence[Tensor], reals: Sequence[Tensor]
) -> Float[Tensor, ""]:
    """Mean squared difference of features, averaged over the sizes."""
    parts = [
        mse_loss(perceive(fake), perceive(real).detach()) for fake, real in zip(fakes, reals, strict=True)
    ]
    return torch.stack(parts).mean()


def matching_loss(seen: Seen, captions: Captions, *, same: Bool[Tensor, "b b"]) -> Float[Tensor, ""]:
    """The DAMSM: among the batch, images find their words and sentence, and those their image.

    `same` marks other rows with an equal caption, which are no mistakes and are left out; its diagonal is False.
    """
    return _both_ways(word_scores(seen.regions, captions), same) + _both_ways(
        sentence_scores(seen, captions), same
    )


def word_scores(regions: Float[Tensor, "b d h w"], captions: Captions) -> Float[Tensor, "b b"]:
    """γ₃ · log Σ exp(γ₂ · cosine) over the words, for every image (row) and caption (column).

    The contexts are those of `attention.region_contexts`, for all pairs at once.
    """
    flat, padding = regions.flatten(2), captions.padding  # i d r; j t
    matches = torch.einsum("idr,jdt->ijrt", flat, captions.words)
    shares = matches.masked_fill(padding[None, :, None, :], float("-inf")).softmax(dim=3)
    weights = (REGION_SHARPNESS * shares).softmax(dim=2)
    contexts = torch.einsum("idr,ijrt->ijdt", flat, weights)
    cosine = torch.einsum("ijdt,jdt->ijt", normalize(contexts, dim=2), normalize(captions.words, dim=1))
    kept = (WORD_SHARPNESS * cosine).masked_fill(padding, float("-inf"))
    return PAIR_SHARPNESS * kept.logsumexp(dim=2)


def sentence_scores(seen: Seen, captions: Captions) -> Float[Tensor, "b b"]:
    """γ₃ · cosine of every image (row) and sentence (column)."""
    return PAIR_SHARPNESS * normalize(seen.whole, dim=1) @ normalize(captions.sentences, dim=1).T


def _both_ways(scores: Float[Tensor, "b b"], same: Bool[Tensor, "b b"]) -> Float[Tensor, ""]:
    own = torch.arange(len(scores), device=scores.device)
    kept = scores.masked_fill(same, float("-inf"))
    return cross_entropy(kept, own) + cross_entropy(kept.T, own)


class VggPerception(nn.Module):
    """VGG-16 up to relu2_2, in torchvision's keys (`features.0` to `features.7`)."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            *(nn.Conv2d(3, 64, 3, padding=1), nn.ReLU(), nn.Conv2d(64, 64, 3, padding=1), nn.ReLU()),
            nn.MaxPool2d(2),
            *(nn.Conv2d(64, 128, 3, padding=1), nn.ReLU(), nn.Conv2d(128, 128, 3, padding=1), nn.ReLU()),
        )
        self.register_buffer("mean", torch.tensor(_IMAGENET[0]).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(_IMAGENET[1]).view(1, 3, 1, 1), persistent=False)

    def forward(self, images: Float[Tensor, "b 3 h w"]) -> Float[Tensor, "b 128 half_h half_w"]:
        """Features of images in [−1, 1]."""
        mean, std = self.get_buffer("mean"), self.get_buffer("std")
        return self.features(((images + 1) / 2 - mean) / std)
