"""How fast the parts of the miniature are on this machine, one thread each: `python -m benchmark bench`."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np

from finexl.explain.progress import Progress, no_progress

SECONDS = 2.0
"""Each part is repeated for at least this long; the median of the repeats is reported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """A part of the suite and what it gets done."""

    part: str
    per_second: float
    unit: str


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the suite and the work that is timed: it gets `n` of something done."""

    name: str
    unit: str
    n: int
    work: Callable[[], object]


def speeds(progress: Progress = no_progress) -> Iterator[Speed]:
    """Measure every part in turn, cheapest first; loads torch."""
    with progress("loading"):
        import torch

        torch.set_num_threads(1)
    with TemporaryDirectory() as folder:
        for part in chain(_world(), _encoder(progress), _generator(Path(folder))):
            with progress(part.name):
                found = Speed(part=part.name, per_second=_per_second(part), unit=part.unit)
            yield found


def _world() -> Iterator[Part]:
    from finetune.miniature import apply_aspect, render, sample_scenes

    images = render(sample_scenes(1000, np.random.default_rng(0)))
    yield Part(
        "draw and render scenes", "scenes", 1000,
        lambda: render(sample_scenes(1000, np.random.default_rng(1))),
    )  # fmt: skip
    for aspect in ("vivid", "sketched", "vintage"):
        yield Part(
            f"apply {aspect}", "images", 1000, lambda name=aspect: apply_aspect(images, name, 0.7, seed=0)
        )


def _encoder(progress: Progress) -> Iterator[Part]:
    with progress("loading the encoder"):
        from finetune.miniature import caption, render, sample_scenes
        from finetune.miniature.models import encoder_folder
        from finexl.encoders.open_clip import load_open_clip
        from finexl.values import ImageStack

        scenes = sample_scenes(128, np.random.default_rng(0))
        images, texts = ImageStack(render(scenes)), [caption(scene) for scene in scenes]
        encoder = load_open_clip(encoder_folder(), device="cpu")
    yield Part("embed images", "images", len(images), lambda: encoder.embed_images(images))
    yield Part("embed texts", "texts", len(texts), lambda: encoder.embed_texts(texts))


def _generator(folder: Path) -> Iterator[Part]:
    from finetune.corpora.synthetic import SyntheticCorpus
    from finetune.generator import GeneratorSettings
    from finetune.miniature.models import pipeline_folder
    from finetune.recipe import Mixture, Recipe
    from finetune.store.store import Store
    from finetune.workshop import Workshop

    corpus = SyntheticCorpus()
    workshop = Workshop(
        store=Store(folder), generator=GeneratorSettings(folder=pipeline_folder()), corpus=corpus
    )
    prompts = corpus.prompts(16, 0)
    starts = iter(range(0, 10_000, 16))

    def sample() -> None:
        start = next(starts)
        workshop.images(None, prompts, range(start, start + 16))

    def train() -> None:
        workshop.train(
            Recipe(
                generator=workshop.generator_id,
                corpus=corpus.id,
                aspects=("vivid",),
                mixture=Mixture(parts=(1,), whole=1),
                n_images=16,
                learning_rate=1e-5,
                batch_size=8,
                steps=(20,),
                seed=next(starts),
            )
        )

    yield Part("sample (12 steps, guidance)", "images", 16, sample)
    yield Part("fine-tune (batches of 8)", "images", 160, train)


def _per_second(part: Part) -> float:
    part.work()
    times: list[float] = []
    while sum(times) < SECONDS or len(times) < 3:
        start = perf_counter()
        part.work()
        times.append(perf_counter() - start)
    return part.n / float(np.median(times))
