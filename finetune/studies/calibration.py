"""Choosing the miniature's learning rate: divergence ladders of development aspects on development seeds.

At the paper's 1e-4 a network this small saturates within 20 steps. A good rate gives a ladder: ‖V_div‖ grows with
every kept step, and the aspect's own direction carries it. Nothing here touches scored aspects or seeds.
"""

from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from scipy.stats import kendalltau
from torch import Tensor

from finetune.corpora.synthetic import SyntheticCorpus
from finetune.generator import GeneratorSettings
from finetune.miniature.split import DEVELOPMENT_ASPECTS, DEVELOPMENT_SEEDS
from finetune.recipe import Composed, Mixture, Recipe, Trained, Variant
from finetune.store.store import Store
from finetune.studies.loading import encoder
from finetune.workshop import Workshop
from finexl.concepts import concept_vectors
from finexl.decomposition import decompose
from finexl.divergence import divergence
from finexl.errors import unknown_name
from finexl.interfaces import Encoder
from finexl.template import ConceptTemplate
from finexl.values import ImagePairs, ImageStack

PAIRS = (("warm", "striped"), ("dark", "posterised"), ("embossed", "foggy"))
PAIR_STEPS = (120, 240)
ADAPTER_STEPS = 240
WEIGHTS = (0.25, 0.5, 0.75)
STEPS = tuple(range(20, 201, 20))
N_PROMPTS = 24
SEED = DEVELOPMENT_SEEDS[7]


def calibrate(
    rates: Sequence[float], settings: GeneratorSettings, aspects: Sequence[str] = ()
) -> Iterator[str]:
    """One line per aspect and rate: ‖V_div‖ at each level, its Kendall τ, and the cosine with the aspect's name."""
    for aspect in aspects:
        if aspect not in DEVELOPMENT_ASPECTS:
            raise unknown_name("aspects", aspect, DEVELOPMENT_ASPECTS)
    corpus = SyntheticCorpus(aspects=DEVELOPMENT_ASPECTS)
    judge = encoder()
    prompts = corpus.prompts(N_PROMPTS, SEED)
    with TemporaryDirectory() as folder:
        workshop = Workshop(store=Store(Path(folder)), generator=settings, corpus=corpus)
        for aspect in aspects or DEVELOPMENT_ASPECTS:
            named = concept_vectors((aspect,), prompts, encoder=judge, template=ConceptTemplate())[0]
            for rate in rates:
                recipe = Recipe(
                    generator=workshop.generator_id, corpus=corpus.id, aspects=(aspect,),
                    mixture=Mixture(parts=(2,), whole=2), n_images=24, learning_rate=rate, batch_size=8,
                    steps=STEPS, seed=SEED, method=settings.method,
                )  # fmt: skip
                ladder = [
                    _shift(workshop, Trained(recipe=recipe, step=step), prompts, judge) for step in STEPS
                ]
                sizes = [float(shift.norm()) for shift in ladder]
                tau, _ = kendalltau(STEPS, sizes)
                cosine = float(ladder[-1] @ named / (ladder[-1].norm() * named.norm()))
                levels = " ".join(f"{size:.2f}" for size in sizes)
                yield f"{aspect:12s} {rate:.0e}  {levels}  tau {tau:+.2f}  cos {cosine:.2f}"


def calibrate_pairs(rates: Sequence[float], settings: GeneratorSettings) -> Iterator[str]:
    """For each rate, pair of development aspects and kept step, how much half a share shows of what the whole shows.

    Both are weights of the aspect's own name, with the pair's other name beside it: the first two numbers are halves
    alone (the rest are base images), the last two are halves of each. A half should show as .35 to .65.
    """
    corpus = SyntheticCorpus(aspects=DEVELOPMENT_ASPECTS)
    judge = encoder()
    prompts = corpus.prompts(N_PROMPTS, SEED)
    with TemporaryDirectory() as folder:
        workshop = Workshop(store=Store(Path(folder)), generator=settings, corpus=corpus)
        for rate, pair in product(rates, PAIRS):
            named = concept_vectors(pair, prompts, encoder=judge, template=ConceptTemplate())

            def shown(
                parts: tuple[int, int],
                step: int,
                rate: float = rate,
                pair: tuple[str, str] = pair,
                named: Tensor = named,
            ) -> list[float]:
                recipe = Recipe(
                    generator=workshop.generator_id, corpus=corpus.id, aspects=pair,
                    mixture=Mixture(parts=parts, whole=2), n_images=128, learning_rate=rate, batch_size=8,
                    steps=PAIR_STEPS, seed=SEED, method=settings.method,
                )  # fmt: skip
                shift = _shift(workshop, Trained(recipe=recipe, step=step), prompts, judge)
                return [float(weight) for weight in decompose(shift, named).weights]

            for step in PAIR_STEPS:
                whole = shown((2, 0), step)[0], shown((0, 2), step)[1]
                alone = shown((1, 0), step)[0] / whole[0], shown((0, 1), step)[1] / whole[1]
                both = [half / of for half, of in zip(shown((1, 1), step), whole, strict=True)]
                yield (
                    f"{rate:.1e}  {step:3d} steps  {' and '.join(pair):22s}  whole {whole[0]:.2f} {whole[1]:.2f}  "
                    f"halves alone {alone[0]:.2f} {alone[1]:.2f}, together {both[0]:.2f} {both[1]:.2f}"
                )


def calibrate_weights(rates: Sequence[float], settings: GeneratorSettings) -> Iterator[str]:
    """For each rate, how much two adapters, each alone and both at once, show at parts of their weight.

    What is shown is a share of what the adapter shows alone at all of its weight. The response is the power of the
    weight that fits these shares of all pairs best: composed models are given weights by it.
    """
    corpus = SyntheticCorpus(aspects=DEVELOPMENT_ASPECTS)
    judge = encoder()
    prompts = corpus.prompts(N_PROMPTS, SEED)
    with TemporaryDirectory() as folder:
        workshop = Workshop(store=Store(Path(folder)), generator=settings, corpus=corpus)
        for rate in rates:
            found: list[tuple[float, float]] = []
            for pair in PAIRS:
                adapters = [
                    Recipe(
                        generator=workshop.generator_id, corpus=corpus.id, aspects=(aspect,),
                        mixture=Mixture(parts=(1,), whole=1), n_images=128, learning_rate=rate, batch_size=8,
                        steps=(ADAPTER_STEPS,), seed=SEED, method=settings.method,
                    )
                    for aspect in pair
                ]  # fmt: skip

                def shown(*weights: float, adapters: Sequence[Recipe] = adapters) -> Tensor:
                    parts = [
                        Trained(recipe=recipe, step=ADAPTER_STEPS, scale=weight)
                        for recipe, weight in zip(adapters, weights, strict=True)
                    ]
                    return _shift(workshop, Composed(adapters=tuple(parts)), prompts, judge)

                whole = torch.stack([shown(1, 0), shown(0, 1)])
                for weight in WEIGHTS:
                    alone = [
                        float(decompose(shown(*weights), whole).weights[place])
                        for place, weights in enumerate(((weight, 0), (0, weight)))
                    ]
                    together = [float(share) for share in decompose(shown(weight, weight), whole).weights]
                    found += [(weight, share) for share in (*alone, *together)]
                    listed = [" ".join(f"{share:.2f}" for share in shares) for shares in (alone, together)]
                    yield (
                        f"{rate:.0e}  weight {weight:g}  {' and '.join(pair)}: "
                        f"alone {listed[0]}, together {listed[1]}"
                    )
            yield f"{rate:.0e}  response {response(found):.1f}"


def response(found: Sequence[tuple[float, float]]) -> float:
    """The power of weights that fits shares best, by least squares, from .2 to 5 in hundredths.

    Of the shares themselves: of their logarithms a faint share that hardly shows at all would decide alone.

    >>> round(response([(0.5, 0.25), (0.25, 0.0625)]), 3)
    2.0
    """
    weights, shares = np.array(found).T
    powers = np.arange(0.2, 5.001, 0.01)
    squares = ((weights ** powers[:, None] - shares) ** 2).sum(axis=1)
    return float(powers[squares.argmin()])


def _shift(workshop: Workshop, model: Variant, prompts: tuple[str, ...], judge: Encoder) -> Tensor:
    seeds = tuple(range(SEED, SEED + len(prompts)))
    pairs = ImagePairs(
        prompts=prompts,
        base=ImageStack(workshop.images(None, prompts, seeds)),
        personalized=ImageStack(workshop.images(model, prompts, seeds)),
    )
    return divergence(pairs, encoder=judge)
