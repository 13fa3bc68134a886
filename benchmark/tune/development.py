"""Models to tune on: mixtures of development aspects, trained and probed with development seeds."""

from collections.abc import Iterator, Sequence
from itertools import islice

from benchmark.config.loading import load_settings
from benchmark.config.settings import Settings
from benchmark.plan.ground import Ground, Topic, group_of, recipe_of
from benchmark.plan.subjects import Subjects
from benchmark.plan.trials import Group, Probe
from finetune.corpora import Corpus
from finetune.miniature.split import DEVELOPMENT_ASPECTS, DEVELOPMENT_SEEDS
from finetune.recipe import Trained, lattice
from finexl.errors import InvalidInputError

KEYS = (
    "preset",
    "generator",
    "encoder",
    "vlm",
    "explainer_settings",
    "store",
    "output",
    "executor",
    "workers",
)
"""What a tuning can be told; corpus, scenario and reader are given."""
_SEEDS = DEVELOPMENT_SEEDS[21:]
"""The first is that of prompts and noise, the others those of training; calibration and studies have others."""
WHOLE = 2
"""Steps from nothing to all of an aspect."""


def read_words(words: Sequence[str]) -> Settings:
    """The settings of a tuning: those of `multi_aspect` on the development aspects.

    Raises:
        InvalidInputError: A key is not one of `KEYS`.
    """
    for word in words:
        if (key := word.partition("=")[0].partition(".")[0]) not in KEYS:
            raise InvalidInputError(f"`tune` takes {', '.join(KEYS)}. Got {key!r}.")
    said = {word.partition("=")[0] for word in words}
    usual = {"preset": "lite", "output": "docs/tuning"}
    given = [
        *(f"{key}={value}" for key, value in usual.items() if key not in said),
        "scenario=multi_aspect",
        "explainer=finexl_grounded,finexl_paper",
        "corpus=synthetic",
        f"corpus.aspects={','.join(DEVELOPMENT_ASPECTS)}",
    ]
    return load_settings([*given, *words])


def development_groups(settings: Settings, corpus: Corpus, *, generator_id: str) -> tuple[Group, ...]:
    """Lattices of the first `preset.n_pairs` pairs of development aspects, each with a training seed of its own.

    Raises:
        InvalidInputError: There are fewer pairs.
    """
    pairs = tuple(islice(pairings(DEVELOPMENT_ASPECTS), settings.preset.n_pairs))
    if len(pairs) < settings.preset.n_pairs:
        raise InvalidInputError(
            f"`preset.n_pairs` must be at most {len(pairs)} here: so many pairs of development aspects there are. "
            f"Got {settings.preset.n_pairs}."
        )
    n, seed = settings.preset.n_prompts, _SEEDS[0]
    probe = Probe(prompts=corpus.prompts(n, seed), seeds=tuple(seed * 10_000 + index for index in range(n)))
    subjects = Subjects(aspects=DEVELOPMENT_ASPECTS, pairs=pairs)
    ground = Ground(settings=settings, generator_id=generator_id, probe=probe, subjects=subjects)
    groups = []
    for pair, seed in zip(pairs, _SEEDS[1:], strict=False):
        topic = Topic(scenario="development", aspects=pair, seed=seed)
        step = max(1, round(settings.preset.pair_steps * settings.generator.rates.pair_steps_factor))
        models = [
            (Trained(recipe=recipe_of(topic, mixture, ground, steps=(step,)), step=step), mixture.parts)
            for mixture in lattice(len(pair), WHOLE)
        ]
        groups.append(group_of(topic, ground, models))
    return tuple(groups)


def pairings(aspects: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Every pair of an even number of aspects once, in rounds in which each aspect stands once.

    >>> list(pairings("abcd"))
    [('a', 'd'), ('b', 'c'), ('a', 'b'), ('c', 'd'), ('a', 'c'), ('d', 'b')]
    """
    first, *rest = aspects
    for turn in range(len(rest)):
        ring = [first, *rest[turn:], *rest[:turn]]
        half = len(ring) // 2
        yield from zip(ring[:half], reversed(ring[half:]), strict=True)
