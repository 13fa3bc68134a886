"""`python -m finetune bench`: what our training step and sampler cost beside the plainest code that does the same.

Both sides share modules, batches and precision and take turns in one process, so that what else the machine
does hits both alike. A ratio above 1 means that ours is faster.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import torch
from diffusers.schedulers.scheduling_ddim import DDIMScheduler
from torch.nn.utils import clip_grad_norm_

from finetune.corpora.synthetic import SyntheticCorpus
from finetune.families.diffusion.family import sampling
from finetune.families.diffusion.personalizer import load_pipeline
from finetune.families.diffusion.sampling import DiffusionGenerator
from finetune.families.opening import Family, open_family
from finetune.families.strict_loading import quiet
from finetune.generator import GeneratorSettings
from finetune.miniature.models import anole_folder, pipeline_folder
from finetune.miniature.split import DEVELOPMENT_ASPECTS, DEVELOPMENT_SEEDS
from finetune.mixing import training_images
from finetune.recipe import Mixture, Recipe
from finetune.store.store import Store
from finetune.training.batches import Batches, Stream
from finetune.training.trajectory import Run, train_trajectory, training_settings

N_STEPS = 40
N_ROUNDS = 12
N_IMAGES = 16
_WARM_UP = 4
_SEED = DEVELOPMENT_SEEDS[9]


@dataclass(frozen=True, slots=True, kw_only=True)
class Race:
    """Seconds per turn of both sides, turn by turn."""

    title: str
    ours: tuple[float, ...]
    plain: tuple[float, ...]
    n_images: int
    """Images per turn."""

    @property
    def ratio(self) -> float:
        """Our throughput as a share of the plain one: the median over turns."""
        return median(plain / ours for ours, plain in zip(self.ours, self.plain, strict=True))

    def line(self) -> str:
        """One row of the table."""
        ours, plain = (self.n_images / median(side) for side in (self.ours, self.plain))
        return f"{self.title:44s} {ours:8.1f} {plain:8.1f} {self.ratio:7.3f}"


HEADER = f"{'one thread':44s} {'images/s':>8s} {'plain':>8s} {'ratio':>7s}"


def bench() -> Iterator[str]:
    """The table, row by row."""
    torch.set_num_threads(1)
    yield HEADER
    diffusion = GeneratorSettings(folder=pipeline_folder(), batch_size=8)
    for title, settings in {
        "training step, diffusion, full": diffusion,
        "training step, diffusion, LoRA": GeneratorSettings(folder=pipeline_folder(), method="lora"),
        "training step, Anole detokenizer": GeneratorSettings(folder=anole_folder(), family="anole"),
    }.items():
        yield training_race(title, settings).line()
    yield sampling_race("sampling, diffusion, 12 steps, guidance 3", diffusion).line()


def training_race(title: str, settings: GeneratorSettings) -> Race:
    """Steps of the Lightning run and steps of a bare loop, in turns on the same batches."""
    recipe = Recipe(
        generator="bench", corpus=_CORPUS.id, aspects=DEVELOPMENT_ASPECTS[:1], mixture=Mixture(parts=(1,), whole=1),
        n_images=N_IMAGES, learning_rate=1e-5, batch_size=8, steps=(N_STEPS,), seed=_SEED, method=settings.method,
    )  # fmt: skip
    with TemporaryDirectory() as folder:
        store = Store(Path(folder))
        ours, theirs = (open_family(settings, store=store) for _ in range(2))
        training = training_images(recipe, corpus=_CORPUS, base_images=_NO_IMAGES, base_captions=())
        turns = _Turns(ours.stream(training, recipe), bare_step(theirs, recipe))
        run = Run(folder=Path(folder), settings=training_settings(settings))
        train_trajectory(recipe, ours.personalizer(recipe), turns, run=run)
    return Race(
        title=title,
        ours=tuple(turns.ours[_WARM_UP:]),
        plain=tuple(turns.plain[_WARM_UP : len(turns.ours)]),
        n_images=recipe.batch_size,
    )


def bare_step(family: Family, recipe: Recipe) -> Callable[[object], None]:
    """A training step as one would write it by hand: loss, backward, clip, Adam."""
    module = family.personalizer(recipe)
    learned = [tensor for tensor in module.learned().values() if tensor.requires_grad]
    optimizer = torch.optim.Adam(learned, lr=recipe.learning_rate)

    def step(batch: object) -> None:
        optimizer.zero_grad()
        loss = module.training_step(batch, 0)
        assert isinstance(loss, torch.Tensor)
        loss.backward()
        clip_grad_norm_(learned, 1.0)
        optimizer.step()
        loss.item()

    return step


def sampling_race(title: str, settings: GeneratorSettings) -> Race:
    """Our sampler and the pipeline's own call, in turns on the same prompts and noise."""
    pipeline = load_pipeline(settings.folder)
    generator = DiffusionGenerator(pipeline, sampling(settings))
    with quiet():
        pipeline.scheduler = DDIMScheduler.from_config(pipeline.scheduler.config)
    prompts = _CORPUS.prompts(settings.batch_size, _SEED)
    seeds = range(settings.batch_size)

    def plain() -> None:
        pipeline(
            prompt=list(prompts),
            generator=[torch.Generator().manual_seed(seed) for seed in seeds],
            num_inference_steps=settings.n_sampling_steps,
            guidance_scale=settings.guidance,
            output_type="np",
        )

    def ours() -> None:
        generator.sample(prompts, tuple(seeds))

    rounds: list[dict[str, float]] = []
    turns = {"ours": ours, "plain": plain}
    for _ in range(N_ROUNDS + 1):  # who goes first alternates; the first round warms up
        rounds.append({side: _seconds(act) for side, act in turns.items()})
        turns = dict(reversed(turns.items()))
    mine, theirs = (tuple(each[side] for each in rounds[1:]) for side in ("ours", "plain"))
    return Race(title=title, ours=mine, plain=theirs, n_images=settings.batch_size)


class _Turns:
    """A stream that lets the plain side take a step after each step of ours, and notes the time of both."""

    def __init__(self, stream: Stream, plain: Callable[[object], None]) -> None:
        self._stream = stream
        self._plain = plain
        self.ours: list[float] = []
        self.plain: list[float] = []

    def between(self, start: int, stop: int) -> Batches:
        """All steps of the run."""
        self._batches = self._stream.between(start, stop)
        return self

    def __len__(self) -> int:
        return len(self._batches)

    def __iter__(self) -> Iterator[object]:
        for batch in self._batches:
            begin = perf_counter()
            yield batch
            self.ours.append(perf_counter() - begin)
            self.plain.append(_seconds(lambda: self._plain(batch)))  # noqa: B023  # called at once


_CORPUS = SyntheticCorpus(aspects=DEVELOPMENT_ASPECTS)
_NO_IMAGES = _CORPUS.images(DEVELOPMENT_ASPECTS[0], 1, _SEED)[0][:0]


def _seconds(act: Callable[[], object]) -> float:
    begin = perf_counter()
    act()
    return perf_counter() - begin
