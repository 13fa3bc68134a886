"""Adapters of the miniature that are trained on shares of aspects and explained: what closes the loop of advice."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from finetune.corpora.synthetic import SyntheticCorpus
from finetune.explaining.advising import amounts_of
from finetune.explaining.model_explaining import Explain
from finetune.explaining.models import Adapted, Base
from finetune.explaining.paired_images import SHOWN_SEED, Arm, Tell, make_images, pairs_of
from finetune.explaining.prompts import WORLD, read_prompts
from finetune.miniature.split import SCORED_SEEDS
from finetune.recipe import Mixture, Recipe
from finetune.store.store import Store
from finetune.studies.loading import generator_settings
from finetune.training.trajectory import step_file
from finetune.workshop import Workshop
from finexl.errors import unknown_name

WHOLE = 16
"""Parts of a training set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrainingSettings:
    """How each round's adapter is trained and looked at."""

    steps: int = 60
    n_images: int = 128
    learning_rate: float = 1e-3
    n_pairs: int = 24
    seed: int = SCORED_SEEDS[100]


def retrained_in(
    folder: Path, *, base: Base, explain: Explain, settings: RetrainingSettings, tell: Tell = lambda *_: None
) -> Callable[[Mapping[str, int]], Mapping[str, float]]:
    """What trains an adapter on parts of `WHOLE` and tells how much of each aspect it shows; nothing is made twice."""
    corpus = SyntheticCorpus()
    workshop = Workshop(
        store=Store(folder / "trained"), generator=generator_settings(method="lora"), corpus=corpus
    )
    prompts = read_prompts(WORLD, settings.n_pairs)

    def trained(parts: Mapping[str, int]) -> Mapping[str, float]:
        ordered = dict(sorted(parts.items()))
        recipe = Recipe(
            generator=workshop.generator_id, corpus=corpus.id, aspects=tuple(ordered),
            mixture=Mixture(parts=tuple(ordered.values()), whole=WHOLE), n_images=settings.n_images,
            learning_rate=settings.learning_rate, batch_size=8, steps=(settings.steps,), seed=settings.seed,
            method="lora",
        )  # fmt: skip
        file = step_file(workshop.train(recipe), settings.steps)
        name = "_".join(f"{aspect}-{count}" for aspect, count in ordered.items())
        arms = [
            Arm(name="base", model=base, prompts=prompts),
            Arm(name=name, model=Adapted(settings=base.settings, file=file), prompts=prompts),
        ]
        make_images(arms, folder / "pictures", first_seed=SHOWN_SEED, tell=tell)
        found = explain(pairs_of(folder / "pictures", "base", name, settings.n_pairs, prompts))
        return amounts_of(found, ordered)

    return trained


def check_aspects(wish: Mapping[str, float]) -> None:
    """See that the miniature's corpus has pictures of all that is wished; else raises `UnknownNameError`."""
    known = SyntheticCorpus().aspects
    for aspect in wish:
        if aspect not in known:
            raise unknown_name("aspect", aspect, known)
