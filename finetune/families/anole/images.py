"""From tokens to pixels and back: encoding images, decoding tokens, and the generator made of both halves."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from diffusers.models.autoencoders.vq_model import VQModel
from jaxtyping import Float, Int, UInt8
from torch import Tensor

from finetune.families.full_batches import as_bytes

_AT_ONCE = 16
"""Images encoded together."""


@runtime_checkable
class PromptCodes(Protocol):
    """Where the codes of a prompt's image come from."""

    def of(self, prompts: Sequence[str], seeds: Sequence[int]) -> Int[Tensor, "n gh gw"]:
        """Codes of one image per prompt."""
        ...


class AnoleGenerator:
    """The paper's G for an auto-regressive model: tokens of prompt and seed, then a detokenizer."""

    def __init__(self, vq: VQModel, codes: PromptCodes, *, batch_size: int) -> None:
        self._vq = vq
        self._codes = codes
        self._batch_size = batch_size

    def sample(self, prompts: Sequence[str], seeds: Sequence[int]) -> UInt8[np.ndarray, "n h w 3"]:
        """One image per prompt; the same prompt and seed give the same image, whatever else is asked for."""
        return decoded(self._vq, self._codes.of(prompts, seeds), batch_size=self._batch_size)


@torch.no_grad()
def decoded(vq: VQModel, codes: Int[Tensor, "n gh gw"], *, batch_size: int) -> UInt8[np.ndarray, "n h w 3"]:
    """Images of codes, in batches of one size (the last is filled up), so that no kernel depends on how many."""
    images = []
    for block in codes.split(batch_size):
        filled = torch.cat([block, block[-1:].expand(batch_size - len(block), -1, -1)])
        images.append(as_bytes(vectors_to_images(vq, filled))[: len(block)])
    return np.concatenate(images)


def vectors_to_images(vq: VQModel, codes: Int[Tensor, "b gh gw"]) -> Float[Tensor, "b 3 h w"]:
    """Pixels in about [−1, 1] that the detokenizer makes of codes."""
    shape = (*codes.shape, int(vq.config["vq_embed_dim"]))
    return vq.decode(codes.to(vq.device), force_not_quantize=True, shape=shape).sample  # pyright: ignore[reportArgumentType, reportAttributeAccessIssue]


@torch.no_grad()
def encoded(vq: VQModel, images: UInt8[np.ndarray, "n h w 3"]) -> Int[Tensor, "n gh gw"]:
    """Codes of images: the nearest code of every vector of the encoder."""
    pixels = torch.from_numpy(np.ascontiguousarray(images)).permute(0, 3, 1, 2)
    return torch.cat([_nearest(vq, block) for block in pixels.split(_AT_ONCE)])


def unit_range(pixels: UInt8[Tensor, "b 3 h w"]) -> Float[Tensor, "b 3 h w"]:
    """Pixels in [−1, 1]."""
    return pixels.float() / 127.5 - 1


def _nearest(vq: VQModel, pixels: UInt8[Tensor, "b 3 h w"]) -> Int[Tensor, "b gh gw"]:
    latents: Tensor = vq.encode(unit_range(pixels).to(vq.device)).latents  # pyright: ignore[reportAttributeAccessIssue]
    vectors = latents.permute(0, 2, 3, 1)
    table = vq.quantize.embedding.weight
    distances = table.square().sum(dim=1) - 2 * vectors.flatten(0, 2) @ table.T
    return distances.argmin(dim=1).view(vectors.shape[:3]).cpu()
