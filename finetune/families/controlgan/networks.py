"""All networks of a ControlGAN together, and what its losses ask of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

from finetune.families.controlgan.architecture import N_STAGES, Architecture
from finetune.families.controlgan.discriminators import ImageDiscriminator, WordDiscriminator
from finetune.families.controlgan.encoders import (
    InceptionImageEncoder,
    Seen,
    SmallImageEncoder,
    TextEncoder,
    build_image_encoder,
)
from finetune.families.controlgan.generator import Captions, ControlGenerator
from finetune.families.controlgan.losses import (
    Verdicts,
    VggPerception,
    adversarial_loss,
    discriminator_loss,
    matching_loss,
    perceptual_loss,
    said,
    word_discriminator_loss,
)


class Discriminators(nn.Module):
    """One judge of images per stage, and one of words."""

    def __init__(self, architecture: Architecture, *, local_channels: int) -> None:
        super().__init__()
        self.stages = nn.ModuleList(ImageDiscriminator(architecture, stage=n) for n in range(N_STAGES))
        self.words = WordDiscriminator(local_channels, word_width=architecture.word_width)

    def verdicts(self, stage: int, images: Float[Tensor, "b 3 h w"], captions: Captions) -> Verdicts:
        """Logits of one stage's images beside their sentences."""
        judge = self.stages[stage]
        assert isinstance(judge, ImageDiscriminator)
        features = judge(images)
        return Verdicts(judge.UNCOND_DNET(features), judge.COND_DNET(features, captions.sentences))

    def loss(
        self, reals: Sequence[Tensor], fakes: Sequence[Tensor], *, captions: Captions, seen: Seen
    ) -> Float[Tensor, ""]:
        """All discriminators' loss on real and generated images of the same captions.

        A sentence is mismatched with the image before it, a caption's words with the image after it. `seen` is the
        image encoder's view of the largest real images; the word-level discriminator reads those alone.
        """
        total = self._words_loss(captions, seen)
        for stage, (real, fake) in enumerate(zip(reals, fakes, strict=True)):
            judge = self.stages[stage]
            assert isinstance(judge, ImageDiscriminator)
            of_real = judge(real)
            true = Verdicts(judge.UNCOND_DNET(of_real), judge.COND_DNET(of_real, captions.sentences))
            foreign = judge.COND_DNET(of_real[:-1], captions.sentences[1:])
            total = total + discriminator_loss(true, self.verdicts(stage, fake.detach(), captions), foreign)
        return total

    def _words_loss(self, captions: Captions, seen: Seen) -> Float[Tensor, ""]:
        matched = self.words(seen.local, captions.words, captions.padding)
        foreign = self.words(seen.local, captions.words.roll(1, 0), captions.padding.roll(1, 0))
        return word_discriminator_loss(matched, foreign)


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratorWeights:
    """How much each part counts in the generator's loss; the reference's for birds."""

    adversarial: float = 1.0
    """Weight of the image discriminators' verdicts."""
    words: float = 1.0
    """Weight of the word-level discriminator's score."""
    matching: float = 5.0
    """Weight of the DAMSM's loss between image and caption."""
    perceptual: float = 1.0
    """Weight of the features' distance from the training images."""
    condition: float = 1.0
    """Weight of the divergence of the conditioning distribution from the standard normal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Critics:
    """The frozen image encoder and what the perceptual loss compares."""

    image_encoder: SmallImageEncoder | InceptionImageEncoder
    perception: nn.Module

    def judged(
        self,
        fakes: Sequence[Tensor],
        captions: Captions,
        *,
        discriminators: Discriminators,
        same: Bool[Tensor, "b b"],
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Adversarial, word-level and matching loss of generated images; `same` as in `matching_loss`."""
        verdicts = [discriminators.verdicts(stage, fake, captions) for stage, fake in enumerate(fakes)]
        seen = self.image_encoder(fakes[-1])
        scores = discriminators.words(seen.local, captions.words, captions.padding)
        adversarial = torch.stack([adversarial_loss(verdict) for verdict in verdicts]).sum()
        return adversarial, said(scores, True), matching_loss(seen, captions, same=same)

    def difference(self, fakes: Sequence[Tensor], reals: Sequence[Tensor]) -> Float[Tensor, ""]:
        """The perceptual loss."""
        return perceptual_loss(self.perception, fakes, reals)


@dataclass(frozen=True, slots=True, kw_only=True)
class Networks:
    """Everything that a ControlGAN consists of."""

    architecture: Architecture
    generator: ControlGenerator
    text_encoder: TextEncoder
    image_encoder: SmallImageEncoder | InceptionImageEncoder
    discriminators: Discriminators
    perception: nn.Module


def build_networks(architecture: Architecture) -> Networks:
    """Randomly initialised networks, by the global chance."""
    image_encoder = build_image_encoder(architecture)
    return Networks(
        architecture=architecture,
        generator=ControlGenerator(architecture),
        text_encoder=TextEncoder(architecture),
        image_encoder=image_encoder,
        discriminators=Discriminators(architecture, local_channels=image_encoder.emb_features.in_channels),
        perception=build_perception(architecture, image_encoder),
    )


def build_perception(
    architecture: Architecture, image_encoder: SmallImageEncoder | InceptionImageEncoder
) -> nn.Module:
    """What the perceptual loss compares; the small image encoder's first two blocks, or VGG without weights."""
    if architecture.perception == "vgg16":
        return VggPerception()
    assert isinstance(image_encoder, SmallImageEncoder)
    return nn.Sequential(image_encoder.early, image_encoder.middle)


def same_captions(rows: Sequence[int], device: torch.device | None = None) -> Bool[Tensor, "b b"]:
    """Which other places of a batch have an equal caption, given each place's caption number."""
    numbers = torch.tensor(list(rows), device=device)
    return (numbers[:, None] == numbers) & ~torch.eye(len(numbers), dtype=torch.bool, device=device)


def reduced(images: Float[Tensor, "b 3 h w"], sizes: Sequence[int]) -> list[Tensor]:
    """The same images at every stage's size, averaged over whole blocks of pixels."""
    return [
        images if size == images.shape[-1] else nn.functional.adaptive_avg_pool2d(images, size)
        for size in sizes
    ]
