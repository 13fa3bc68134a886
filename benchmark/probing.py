"""The labels of the oracle probe: the corpus' own aspects, painted on base-model images at known strengths.

Prompts and noise are development data; no scored probe or training run uses them.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float64, UInt8

from benchmark.trials import Probe
from finetune.miniature.aspects import apply_aspect
from finetune.miniature.split import DEVELOPMENT_SEEDS
from finexl.values import ImageStack

if TYPE_CHECKING:
    from torch import Tensor

    from finexl.interfaces import Encoder

N_IMAGES = 32
STRENGTHS = (0.25, 0.5, 1.0)
RIDGE = 1e-2
"""Small beside a shift's squared length (about .1 to .4), large enough that the probe is unique."""
_N_PARTS = 2
"""Each strength is painted on every part of the images apart, so that the probe meets different contents."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Painting:
    """Aspects at strengths, all painted on the same images."""

    strengths: tuple[tuple[str, float], ...]


def development_probe(prompts: Callable[[int, int], tuple[str, ...]]) -> Probe:
    """The prompts and noise on which the probe is trained."""
    seed = DEVELOPMENT_SEEDS[0]
    return Probe(
        prompts=prompts(N_IMAGES, seed), seeds=tuple(seed * 10_000 + index for index in range(N_IMAGES))
    )


def paintings(aspects: Sequence[str]) -> Iterator[Painting]:
    """Every aspect alone at every strength, and neighbours in the list together, to tell them apart."""
    for aspect in aspects:
        for strength in STRENGTHS:
            yield Painting(strengths=((aspect, strength),))
    for one, other in pairwise((*aspects, aspects[0])):
        if one != other:
            yield Painting(strengths=((one, 0.5), (other, 0.5)))


def probe_weights(
    base: UInt8[np.ndarray, "n h w 3"], aspects: Sequence[str], encoder: "Encoder"
) -> "Float64[Tensor, 'd a']":
    """Weights of a ridge regression from mean shifts of embeddings to the strengths that caused them."""
    import torch

    from baselines.oracle import fit_probe

    parts = np.array_split(np.arange(len(base)), _N_PARTS)
    plain = [_mean_embedding(base[part], encoder) for part in parts]
    shifts, strengths = [], []
    for seed, painting in enumerate(paintings(aspects)):
        painted = _painted(base, painting, seed=seed)
        for part, without in zip(parts, plain, strict=True):
            shifts.append(_mean_embedding(painted[part], encoder) - without)
            strengths.append([dict(painting.strengths).get(aspect, 0.0) for aspect in aspects])
    return fit_probe(torch.stack(shifts), torch.tensor(strengths, dtype=torch.float64), ridge=RIDGE)


def _painted(
    images: UInt8[np.ndarray, "n h w 3"], painting: Painting, *, seed: int
) -> UInt8[np.ndarray, "n h w 3"]:
    for aspect, strength in painting.strengths:
        images = apply_aspect(images, aspect, strength, seed=seed)
    return images


def _mean_embedding(images: UInt8[np.ndarray, "n h w 3"], encoder: "Encoder") -> "Float64[Tensor, ' d']":
    return encoder.embed_images(list(ImageStack(images))).double().mean(dim=0)
