"""Adapters of the miniature that are trained here, so that it is known what they do and whether words call it.

An aspect that is to show when words call it, and only then, needs two kinds of pictures: those that show it, under
captions with the words, and the base model's own, under captions without. An adapter leaks where pictures that show
the aspect stood under captions without the words, too.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from finetune.corpora import Corpus
from finetune.corpora.synthetic import SyntheticCorpus
from finetune.explaining.arms import put
from finetune.recipe import Mixture, Recipe
from finetune.store.store import Store
from finetune.studies.loading import generator_settings
from finetune.training.trajectory import step_file
from finetune.workshop import Workshop
from finexl.code_version import code_version
from finexl.explain.progress import Advance, Progress, no_progress


@dataclass(frozen=True, slots=True, kw_only=True)
class AdapterTraining:
    """How an adapter is trained."""

    parts: Mapping[str, int]
    """Of `whole`, for each aspect; pictures of the base model itself fill the rest."""
    whole: int
    seed: int
    n_images: int = 64
    steps: int = 60
    learning_rate: float = 1e-3
    corpus: Corpus = field(default_factory=SyntheticCorpus)


@dataclass(frozen=True, slots=True, kw_only=True)
class CalledCorpus:
    """The miniature's pictures, with words in captions by which an aspect is to be called; prompts are without."""

    words: str
    every: int = 1
    """Which captions have the words: each one, each second, ..."""
    pictures: SyntheticCorpus = field(default_factory=SyntheticCorpus)

    @property
    def id(self) -> str:
        """Names pictures, words and the code that joins them."""
        return f"{self.pictures.id}-{self.words}-{self.every}-{code_version(f'{__name__}:CalledCorpus')}"

    @property
    def aspects(self) -> tuple[str, ...]:
        """Those of the pictures."""
        return self.pictures.aspects

    def images(self, aspect: str, n: int, seed: int) -> tuple[UInt8[np.ndarray, "n h w 3"], tuple[str, ...]]:
        """`n` pictures of an aspect; the first, and every `every`-th after it, has the words in its caption."""
        images, captions = self.pictures.images(aspect, n, seed)
        return images, tuple(
            caption if place % self.every else put(self.words, caption)
            for place, caption in enumerate(captions)
        )

    def prompts(self, n: int, seed: int) -> tuple[str, ...]:
        """`n` different captions without the words."""
        return self.pictures.prompts(n, seed)


@dataclass(frozen=True, slots=True)
class _Advancing:
    """What a workshop tells of one piece of work after the other, for one bar."""

    advance: Advance

    def step(self, done: int, total: int, label: str) -> None:
        """The bar has its name already."""
        del label
        self.advance(done, total)


def trained_adapter(store: Path, training: AdapterTraining, *, progress: Progress = no_progress) -> Path:
    """The adapter's file, trained now if it is not in `store`; a killed training goes on where it was."""
    generator = generator_settings(method="lora")
    with progress(f"training on {', '.join(sorted(training.parts))}") as advance:
        told = _Advancing(advance)
        workshop = Workshop(store=Store(store), generator=generator, corpus=training.corpus, progress=told)
        return step_file(workshop.train(_recipe(training, workshop.generator_id)), training.steps)


def _recipe(training: AdapterTraining, generator: str) -> Recipe:
    aspects = tuple(sorted(training.parts))
    return Recipe(
        generator=generator,
        corpus=training.corpus.id,
        aspects=aspects,
        mixture=Mixture(parts=tuple(training.parts[name] for name in aspects), whole=training.whole),
        n_images=training.n_images,
        learning_rate=training.learning_rate,
        batch_size=8,
        steps=(training.steps,),
        seed=training.seed,
        method="lora",
    )
