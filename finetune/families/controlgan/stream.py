"""What a ControlGAN is personalized on: images beside encoded captions, with all chance decided by seed and step."""

from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Bool, Float, UInt8
from torch import Tensor

from finetune.families.controlgan.architecture import Architecture
from finetune.families.controlgan.generator import Captions, Chance
from finetune.families.controlgan.images import drawn
from finetune.families.controlgan.networks import same_captions
from finetune.families.controlgan.reading import CaptionReader, rows_of
from finetune.mixing import TrainingImages
from finetune.recipe import Recipe
from finetune.training.batches import StepBatches, rows_of_step
from finexl.errors import InvalidInputError


class ControlBatch(NamedTuple):
    """One batch with everything random about it already drawn."""

    images: Float[Tensor, "b 3 h w"]
    """Training images in [−1, 1], of the last stage's size."""
    captions: Captions
    same: Bool[Tensor, "b b"]
    """Whether two places of the batch have an equal caption."""
    chance: Chance


class ControlStream:
    """All batches of a training run; images come in passes, each in an order of its own."""

    def __init__(
        self, training: TrainingImages, *, recipe: Recipe, architecture: Architecture, reader: CaptionReader
    ) -> None:
        side = architecture.sizes[-1]
        if training.images.shape[1:3] != (side, side):
            height, width = training.images.shape[1:3]
            raise InvalidInputError(
                f"Training images of this ControlGAN must be {side}×{side} pixels. Got {height}×{width}."
            )
        if recipe.batch_size < 2:
            raise InvalidInputError(
                "`batch_size` of a ControlGAN's training must be at least 2, for mismatched captions. "
                f"Got {recipe.batch_size}."
            )
        self._training = training
        self._recipe = recipe
        self._architecture = architecture
        self._captions = reader.read(training.captions)
        numbers = {caption: number for number, caption in enumerate(dict.fromkeys(training.captions))}
        self._numbers = tuple(numbers[caption] for caption in training.captions)

    def between(self, start: int, stop: int) -> StepBatches[ControlBatch]:
        """The batches of the steps from `start` up to `stop`."""
        return StepBatches(self.batch, range(start, stop))

    def batch(self, step: int) -> ControlBatch:
        """The batch of one step: a function of seed and step."""
        recipe = self._recipe
        rows = rows_of_step(len(self._numbers), batch_size=recipe.batch_size, seed=recipe.seed, step=step)
        seeds = np.random.SeedSequence((recipe.seed, step, 2)).generate_state(len(rows), np.uint32)
        return ControlBatch(
            images=to_pixels(self._training.images[rows.numpy()]),
            captions=rows_of(self._captions, rows),
            same=same_captions([self._numbers[row] for row in rows.tolist()]),
            chance=drawn(self._architecture, seeds.tolist()),
        )


def to_pixels(images: UInt8[np.ndarray, "n h w 3"]) -> Float[Tensor, "n 3 h w"]:
    """Bytes as numbers in [−1, 1], channels first."""
    return torch.from_numpy(images).permute(0, 3, 1, 2).float() / 127.5 - 1
