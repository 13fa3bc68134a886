"""The labels of probes: shifts of embeddings or statistics with the strengths of the aspects that caused them.

Aspects of the miniature world are painted on base-model images at known strengths. Others (artists, features,
a corpus of yours) are learned from the corpus' own images, mixed with images without the aspect by known shares.
Prompts, noise and draws are development data; no scored probe or training run uses them.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float64, UInt8

from benchmark.certify.certifier import Shift
from benchmark.plan.trials import Probe
from finetune.corpora import Corpus, LimitedCorpus, PairedCorpus
from finetune.miniature.aspects import ASPECTS, COMPOSITES, apply_aspect
from finetune.miniature.split import DEVELOPMENT_SEEDS
from finexl.errors import InvalidInputError
from finexl.values import ImageStack

if TYPE_CHECKING:
    from torch import Tensor

    from finexl.interfaces import Encoder

N_IMAGES = 32
N_CERTIFYING = 16
"""Images on which the certifier learns: arithmetic on pixels needs fewer than embeddings."""
STRENGTHS = (0.25, 0.5, 1.0)
RIDGE = 1e-2
"""Small beside a shift's squared length (about .1 to .4), large enough that the probe is unique."""
_N_PARTS = 2
"""Each strength is painted on every part of the images apart, so that the probe meets different contents."""


Look = Callable[[UInt8[np.ndarray, "n h w 3"]], Float64[np.ndarray, "n d"]]
"""From images to what a probe sees of each: embeddings, or statistics of pixels."""


def embedding(encoder: "Encoder") -> Look:
    """What a probe sees through an encoder."""
    return lambda images: encoder.embed_images(list(ImageStack(images))).double().numpy()


@dataclass(frozen=True, slots=True, kw_only=True)
class Painting:
    """Aspects at strengths, all painted on the same images."""

    strengths: tuple[tuple[str, float], ...]


def development_probe(prompts: Callable[[int, int], tuple[str, ...]], n: int = N_IMAGES) -> Probe:
    """The prompts and noise on which the probe is trained."""
    seed = DEVELOPMENT_SEEDS[0]
    return Probe(prompts=prompts(n, seed), seeds=tuple(seed * 10_000 + index for index in range(n)))


def other_noise(probe: Probe) -> Probe:
    """The same prompts from noise of development data: what differs then is nothing that a model has learned."""
    seed = DEVELOPMENT_SEEDS[1]
    return Probe(
        prompts=probe.prompts, seeds=tuple(seed * 10_000 + index for index in range(len(probe.prompts)))
    )


def paintings(aspects: Sequence[str]) -> Iterator[Painting]:
    """Every aspect alone at every strength, and neighbours in the list together, to tell them apart."""
    for aspect in aspects:
        for strength in STRENGTHS:
            yield Painting(strengths=((aspect, strength),))
    for one, other in pairwise((*aspects, aspects[0])):
        if one != other:
            yield Painting(strengths=((one, 0.5), (other, 0.5)))


def probe_weights(shifts: Iterable[Shift], aspects: Sequence[str]) -> "Float64[Tensor, 'd a']":
    """Weights of a ridge regression from mean shifts of embeddings to the strengths that caused them."""
    import torch

    from baselines.oracle import fit_probe

    vectors, strengths = zip(*shifts, strict=True)
    targets = [[given.get(aspect, 0.0) for aspect in aspects] for given in strengths]
    rows = torch.from_numpy(np.stack(vectors))
    return fit_probe(rows, torch.tensor(targets, dtype=torch.float64), ridge=RIDGE)


def known_shifts(
    base: UInt8[np.ndarray, "n h w 3"], corpus: Corpus, aspects: Sequence[str], look: Look
) -> Iterator[Shift]:
    """Shifts of known strengths: painted where a corpus' aspects can be painted, else of the corpus' own images."""
    return painted_shifts(base, aspects, look) if is_painted(corpus) else labelled_shifts(base, corpus, look)


def is_painted(corpus: Corpus) -> bool:
    """Whether all aspects are styles of the miniature world, which can be painted on any image."""
    return set(corpus.aspects) <= {*ASPECTS, *COMPOSITES}


def painted_shifts(base: UInt8[np.ndarray, "n h w 3"], aspects: Sequence[str], look: Look) -> Iterator[Shift]:
    """Aspects painted on base-model images, alone and by two."""
    parts = np.array_split(np.arange(len(base)), _N_PARTS)
    plain = [look(base[part]).mean(axis=0) for part in parts]
    for seed, painting in enumerate(paintings(aspects)):
        painted = _painted(base, painting, seed=seed)
        for part, without in zip(parts, plain, strict=True):
            yield Shift(look(painted[part]).mean(axis=0) - without, dict(painting.strengths))


def labelled_shifts(base: UInt8[np.ndarray, "n h w 3"], corpus: Corpus, look: Look) -> Iterator[Shift]:
    """The corpus' images of each aspect against the same scenes without it, or base-model images if it has none.

    A strength of one quarter is a mean over one quarter of images with and three quarters without the aspect.
    """
    n_images = min(N_IMAGES, corpus.n_images) if isinstance(corpus, LimitedCorpus) else N_IMAGES
    seed = DEVELOPMENT_SEEDS[0]
    for aspect in corpus.aspects:
        try:
            images, _ = corpus.images(aspect, n_images, seed)
        except InvalidInputError:
            usable = corpus.n_images if isinstance(corpus, LimitedCorpus) else n_images
            if not 0 < usable < n_images:
                raise
            n_images = usable  # some files turned out to be unusable only now
            images, _ = corpus.images(aspect, n_images, seed)
        is_paired = isinstance(corpus, PairedCorpus)
        plain = (
            corpus.contents(aspect, n_images, seed)
            if is_paired
            else np.resize(base, (n_images, *base.shape[1:]))
        )
        with_it, without = look(images), look(plain)
        for part in np.array_split(np.arange(n_images), min(_N_PARTS, n_images)):
            for strength in STRENGTHS:
                cut = max(1, round(strength * len(part)))
                moved = with_it[part[:cut]].sum(axis=0) - without[part[:cut]].sum(axis=0)
                yield Shift(moved / len(part), {aspect: cut / len(part)})


def taught_shifts(
    base: UInt8[np.ndarray, "n h w 3"],
    taught: Iterable[tuple[UInt8[np.ndarray, "n h w 3"], dict[str, float]]],
    look: Look,
) -> Iterator[Shift]:
    """Models that were fine-tuned for the probe, by their images and what they have learned, beside their base."""
    plain = look(base)
    for images, strengths in taught:
        moved = look(images) - plain
        for part in np.array_split(np.arange(len(base)), _N_PARTS):
            yield Shift(moved[part].mean(axis=0), strengths)


def _painted(
    images: UInt8[np.ndarray, "n h w 3"], painting: Painting, *, seed: int
) -> UInt8[np.ndarray, "n h w 3"]:
    for aspect, strength in painting.strengths:
        images = apply_aspect(images, aspect, strength, seed=seed)
    return images
