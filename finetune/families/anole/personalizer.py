"""Fine-tuning the detokenizer alone, from the tokens of a plain image to its stylised version (paper §5).

The paper does not say which tokens go in. Decoding an image's own tokens back to it is what the detokenizer can
already do, so the tokens of the content are decoded towards the stylised image wherever the corpus knows the content.
"""

import copy
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import torch
from diffusers.models.autoencoders.vq_model import VQModel
from jaxtyping import Float, Int, UInt8
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from finetune.families.anole.images import encoded, unit_range
from finetune.mixing import TrainingImages
from finetune.recipe import Recipe
from finetune.training.batches import StepBatches, check_parts, rows_of_step
from finetune.training.personalizer import Personalizer

DETOKENIZER = ("post_quant_conv.", "decoder.")
"""How the names of the trained tensors of a `VQModel` begin."""
DETAIL_WEIGHT = 0.5


class TokenBatch(NamedTuple):
    """Codes of contents and the images they are to become."""

    codes: Int[Tensor, "b gh gw"]
    images: UInt8[Tensor, "b 3 h w"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenStream:
    """All batches of a training run."""

    codes: Int[Tensor, "n gh gw"]
    images: UInt8[Tensor, "n 3 h w"]
    batch_size: int
    seed: int
    chunks: int = 1
    """Equal parts in which a batch is delivered, to accumulate gradients."""

    def __post_init__(self) -> None:
        check_parts(self.batch_size, self.chunks)

    def between(self, start: int, stop: int) -> StepBatches[TokenBatch]:
        """The batches of the steps from `start` up to `stop`."""
        return StepBatches(self.batch, range(start, stop), n_parts=self.chunks)

    def batch(self, step: int) -> TokenBatch:
        """The batch of one step: a function of seed and step."""
        rows = rows_of_step(len(self.codes), batch_size=self.batch_size, seed=self.seed, step=step)
        return TokenBatch(self.codes[rows], self.images[rows])


class DetokenizerPersonalizer(Personalizer):
    """Trains copies of the detokenizer's parts; codebook and encoder stay the base generator's."""

    def __init__(
        self,
        vq: VQModel,
        *,
        learning_rate: float,
        ema_decay: float = 0.0,
        gradient_checkpointing: bool = False,
    ) -> None:
        super().__init__(learning_rate=learning_rate, ema_decay=ema_decay)
        self.post_quant_conv = copy.deepcopy(vq.post_quant_conv).requires_grad_(True).train()
        self.decoder = copy.deepcopy(vq.decoder).requires_grad_(True).train()
        self._checkpointing = gradient_checkpointing
        self.register_buffer("codebook", vq.quantize.embedding.weight.detach().clone())

    def learned(self) -> dict[str, Tensor]:
        """The detokenizer's parameters, under their names in `VQModel`."""
        return dict(self.named_parameters())

    def training_step(self, batch: TokenBatch, batch_index: int) -> Float[Tensor, ""]:
        """Loss of one batch."""
        del batch_index
        return image_loss(self.decoded(batch.codes).float(), unit_range(batch.images))

    def decoded(self, codes: Int[Tensor, "b gh gw"]) -> Float[Tensor, "b 3 h w"]:
        """Pixels of codes, in about [−1, 1]."""
        vectors = torch.nn.functional.embedding(codes, self.get_buffer("codebook")).permute(0, 3, 1, 2)
        hidden = self.post_quant_conv(vectors)
        return self._in_parts(hidden) if self._checkpointing else self.decoder(hidden)

    def _in_parts(self, hidden: Float[Tensor, "b c gh gw"]) -> Float[Tensor, "b 3 h w"]:
        """The decoder, with only the inputs of its blocks kept for the backward pass."""
        decoder = self.decoder
        hidden = decoder.conv_in(hidden)
        for block in (decoder.mid_block, *decoder.up_blocks):
            hidden = checkpoint(partial(_run, block), hidden, use_reentrant=False)
        return decoder.conv_out(decoder.conv_act(decoder.conv_norm_out(hidden)))


def image_loss(images: Float[Tensor, "b 3 h w"], targets: Float[Tensor, "b 3 h w"]) -> Float[Tensor, ""]:
    """L1 on pixels and, at half weight, on the differences of neighbours, which textures and edges are made of."""
    error = images - targets
    down, across = error[..., 1:, :] - error[..., :-1, :], error[..., 1:] - error[..., :-1]
    return error.abs().mean() + DETAIL_WEIGHT * (down.abs().mean() + across.abs().mean())


def token_stream(vq: VQModel, training: TrainingImages, recipe: Recipe, *, chunks: int = 1) -> TokenStream:
    """Codes of the contents and their stylised images; without contents, codes of the images themselves.

    Images become what they already are then, and personalization barely moves the generator where its image
    tokenizer can express the aspect; the workshop tells of that.
    """
    inputs = training.images if training.contents is None else training.contents
    return TokenStream(
        codes=encoded(vq, inputs),
        images=torch.from_numpy(training.images).permute(0, 3, 1, 2),
        batch_size=recipe.batch_size,
        seed=recipe.seed,
        chunks=chunks,
    )


def _run(block: torch.nn.Module, hidden: Tensor) -> Tensor:
    return block(hidden)
