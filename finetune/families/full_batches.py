"""What sampling has in common in all families: batches of one size, and bytes made of numbers."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from finetune.generator import GeneratorError
from finexl.errors import InvalidInputError

Made = TypeVar("Made", Tensor, np.ndarray)


def in_full_batches(
    prompts: Sequence[str], seeds: Sequence[int], make: Callable[[list[str], list[int]], Made], *, size: int
) -> list[Made]:
    """What `make` gives for batches of `size` prompts and seeds, without what filled the last batch up.

    Every batch has the same size, so that no kernel is chosen by how many images were asked for: the same prompt and
    seed give the same image, whatever else is asked for with it.

    Raises:
        InvalidInputError: There is no prompt, or not one seed for each.
    """
    if len(prompts) != len(seeds) or not prompts:
        raise InvalidInputError(
            "Sampling needs at least one prompt and one seed for each. "
            f"Got {len(prompts)} prompts and {len(seeds)} seeds."
        )
    made = []
    for start in range(0, len(prompts), size):
        texts, chances = list(prompts[start : start + size]), list(seeds[start : start + size])
        n_lacking = size - len(texts)
        batch = make(texts + texts[-1:] * n_lacking, chances + chances[-1:] * n_lacking)
        made.append(batch[: len(texts)])
    return made


def as_bytes(images: Float[Tensor, "b 3 h w"]) -> UInt8[np.ndarray, "b h w 3"]:
    """Pixels in [−1, 1] as bytes, channels last; what exceeds the range is cut off, what is no number is an error."""
    if not torch.isfinite(images).all():
        raise GeneratorError(
            "The images of a generator must be finite. Got NaN or infinity. Its weights have diverged "
            "(lower the learning rate) or overflowed (use precision=fp32)."
        )
    scaled = (images.float().clamp(-1, 1) + 1) * 127.5
    return scaled.round().to(torch.uint8).permute(0, 2, 3, 1).cpu().numpy()
