"""Rendered scenes beside their encoded captions, drawn in batches that depend on a seed alone."""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from finetune.families.controlgan.architecture import Architecture
from finetune.families.controlgan.generator import Captions, Chance
from finetune.families.controlgan.networks import reduced


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenes:
    """Real images in [−1, 1] and their captions in two forms."""

    images: Tensor
    captions: tuple[Captions, Captions]
    numbers: Tensor
    """Equal for equal captions."""


class SceneBatch(NamedTuple):
    """Some scenes, with everything random about them already drawn."""

    reals: list[Tensor]
    """The images at every stage's size."""
    captions: Captions
    same: Tensor
    """Whether two places of the batch have an equal caption."""
    chance: Chance


def drawn(scenes: Scenes, architecture: Architecture, *, n: int, seed: int) -> SceneBatch:
    """`n` scenes, each caption in one of its forms."""
    generator = torch.Generator().manual_seed(seed)
    chosen = torch.randint(len(scenes.images), (n,), generator=generator)
    second = torch.rand(n, generator=generator) < 0.5
    forms = (tuple(part[chosen] for part in form) for form in scenes.captions)
    mixed = [
        torch.where(second.view(-1, *[1] * (one.dim() - 1)), other, one)
        for one, other in zip(*forms, strict=True)
    ]
    same = scenes.numbers[chosen][:, None] == scenes.numbers[chosen]
    same.fill_diagonal_(False)
    widths = architecture.noise_width, architecture.condition_width
    chance = Chance(*(torch.randn(n, width, generator=generator) for width in widths))
    return SceneBatch(reduced(scenes.images[chosen], architecture.sizes), Captions(*mixed), same, chance)
