"""Personalizes a ControlGAN: every parameter of its generator, against its discriminators (paper §5).

The generator's batch normalisation keeps the base's running statistics: those of a batch of eight would
change every image before anything is learned. Its scales and shifts are trained like all parameters.
"""

from typing import Any

import torch
from jaxtyping import Float
from lightning.pytorch.core.optimizer import LightningOptimizer
from torch import Tensor

from finetune.families.controlgan.losses import condition_loss
from finetune.families.controlgan.networks import Critics, GeneratorWeights, Networks, reduced
from finetune.families.controlgan.stream import ControlBatch
from finetune.training.personalizer import Personalizer

BETAS = (0.5, 0.999)
PERSONALIZING = GeneratorWeights(adversarial=0.1, words=0.1, matching=0.1, perceptual=10.0, condition=0.1)
"""The perceptual loss leads: it alone compares with the training images themselves, so that a style grows step by step.
With the reference's weights the matching loss leads, which knows nothing of style."""


class ControlPersonalizer(Personalizer):
    """Trains generator and discriminators in turn; the DAMSM's encoders and the perception are frozen."""

    def __init__(self, networks: Networks, *, learning_rate: float, ema_decay: float = 0.0) -> None:
        super().__init__(learning_rate=learning_rate, ema_decay=ema_decay)
        self.automatic_optimization = False
        self.generator = networks.generator.requires_grad_(True)
        self.discriminators = networks.discriminators.requires_grad_(True)
        self.image_encoder = networks.image_encoder.requires_grad_(False)
        self.perception = networks.perception.requires_grad_(False)
        self._sizes = networks.architecture.sizes
        self._weights = PERSONALIZING

    def learned(self) -> dict[str, Tensor]:
        """The generator."""
        return dict(self.generator.named_parameters()) | dict(self.generator.named_buffers())

    def companions(self) -> dict[str, Tensor]:
        """The discriminators."""
        return dict(self.discriminators.named_parameters()) | dict(self.discriminators.named_buffers())

    def configure_optimizers(self) -> list[torch.optim.Optimizer]:
        """Adam with the reference's moments, for the discriminators and for the generator."""
        trained = (self.discriminators, self.generator)
        return [torch.optim.Adam(part.parameters(), lr=self.learning_rate, betas=BETAS) for part in trained]

    def training_step(self, batch: ControlBatch, batch_index: int) -> Float[Tensor, ""]:
        """One step of the discriminators, then one of the generator; the generator's loss."""
        del batch_index
        self.eval()
        self.discriminators.train()
        judging, painting = self._both()
        reals = reduced(batch.images, self._sizes)
        made = self.generator(batch.captions, batch.chance)
        with torch.no_grad():
            seen = self.image_encoder(batch.images)
        self.discriminators.requires_grad_(True)
        self._improve(
            judging, self.discriminators.loss(reals, made.images, captions=batch.captions, seen=seen)
        )
        self.discriminators.requires_grad_(False)
        loss = self._generator_loss(batch, made, reals)
        self._improve(painting, loss)
        self.discriminators.requires_grad_(True)
        return loss.detach()

    def _generator_loss(self, batch: ControlBatch, made: Any, reals: list[Tensor]) -> Float[Tensor, ""]:
        weights = self._weights
        critics = Critics(image_encoder=self.image_encoder, perception=self.perception)
        adversarial, words, matching = critics.judged(
            made.images, batch.captions, discriminators=self.discriminators, same=batch.same
        )
        return (
            weights.adversarial * adversarial
            + weights.words * words
            + weights.matching * matching
            + weights.perceptual * critics.difference(made.images, reals)
            + weights.condition * condition_loss(made.condition)
        )

    def _improve(self, optimizer: LightningOptimizer, loss: Float[Tensor, ""]) -> None:
        optimizer.zero_grad()
        self.manual_backward(loss)
        optimizer.step()

    def _both(self) -> list[LightningOptimizer]:
        optimizers = self.optimizers()
        assert isinstance(optimizers, list)
        return [one for one in optimizers if isinstance(one, LightningOptimizer)]
