"""Models to tune on: mixtures of development aspects, trained and probed with development seeds."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from benchmark.config.loading import load_settings
from benchmark.config.settings import Settings
from benchmark.plan.composing import Lattice
from benchmark.plan.fine_grained import lattice_of_adapters
from benchmark.plan.ground import Ground, Topic, group_of, ladder_steps, mixture_steps, recipe_of
from benchmark.plan.nuisance import moved_beside
from benchmark.plan.preset import PresetConfig
from benchmark.plan.subjects import Subjects
from benchmark.plan.trials import Group, Probe
from benchmark.record.files import check_place
from benchmark.run.jobs import build_executor
from benchmark.run.stages import AdapterUnit, BaseUnit, Doer, ModelUnit
from benchmark.run.workbench import SettingsOpener
from finetune.corpora import Corpus
from finetune.family_facts import FAMILIES
from finetune.miniature.split import DEVELOPMENT_ASPECTS, DEVELOPMENT_SEEDS, in_threes
from finetune.recipe import Mixture, Trained, lattice
from finexl.errors import InvalidInputError

T = TypeVar("T")
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
ADAPTER = "lora"
"""What the models of fine lattices are composed of, as in the scenarios that have such."""
WHOLE = 2
"""Steps from nothing to all of an aspect."""


def read_words(words: Sequence[str]) -> Settings:
    """The settings of a tuning: those of `multi_aspect` on the development aspects.

    Raises:
        InvalidInputError: A key is not one of `KEYS`.
        OutputError: Nothing can be written where files go, or models are kept.
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
    settings = load_settings([*given, *words])
    check_place(settings.output, "output")
    check_place(settings.store, "store")
    return settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Development:
    """The development models of a tuning; every group has a training seed of its own."""

    settings: Settings
    corpus: Corpus
    generator_id: str
    aspects: tuple[str, ...] = DEVELOPMENT_ASPECTS

    @property
    def probe(self) -> Probe:
        """The prompts and noise of all groups."""
        n, seed = self.settings.preset.n_prompts, _SEEDS[0]
        noise = tuple(seed * 10_000 + index for index in range(n))
        return Probe(prompts=self.corpus.prompts(n, seed), seeds=noise)

    def lattices(self) -> tuple[Group, ...]:
        """Of the first `preset.n_pairs` pairs of development aspects.

        Raises:
            InvalidInputError: There are fewer pairs.
        """
        pairs = _first(self.settings.preset.n_pairs, tuple(pairings(self.aspects)), "n_pairs", "pairs of ")
        ground, groups = self._ground(pairs), []
        step = mixture_steps(ground)
        for pair, seed in zip(pairs, _SEEDS[1:], strict=False):
            topic = Topic(scenario="development", aspects=pair, seed=seed)
            models = [
                (Trained(recipe=recipe_of(topic, mixture, ground, steps=(step,)), step=step), mixture.parts)
                for mixture in lattice(len(pair), WHOLE)
            ]
            groups.append(group_of(topic, ground, models))
        return tuple(groups)

    def ladders(self) -> tuple[Group, ...]:
        """Of the first `preset.n_series` development aspects.

        Raises:
            InvalidInputError: There are fewer aspects, or a ladder would have one level.
        """
        require_levels(self.settings.preset)
        aspects = _first(self.settings.preset.n_series, self.aspects, "n_series", "")
        ground, groups = self._ground(()), []
        steps = ladder_steps(self.settings.preset)
        for aspect, seed in zip(aspects, _SEEDS[1:], strict=False):
            topic = Topic(scenario="development", aspects=(aspect,), seed=seed)
            recipe = recipe_of(topic, Mixture(parts=(WHOLE,), whole=WHOLE), ground, steps=steps)
            models = [(Trained(recipe=recipe, step=step), (level,)) for level, step in enumerate(steps, 1)]
            groups.append(group_of(topic, ground, models))
        return tuple(groups)

    def lattices_of_adapters(self) -> tuple[Group, ...]:
        """As `fine_grained` and `nuisance` have them: three aspects in halves, two in quarters, the same two in halves.

        All share one adapter of each aspect. In those of pairs in halves and of the last triple a model is also moved
        by an aspect that nobody asks about. None where the generator's family has no adapters.
        """
        if ADAPTER not in FAMILIES[self.settings.generator.family].methods:
            return ()
        pair, *_ = pairings(self.aspects)
        triple, other = in_threes(self.aspects)
        ground, seed = replace(self, settings=self.with_adapters)._ground(()), _SEEDS[1]
        kinds = (
            ("fine", lattice_of_adapters, Lattice(aspects=triple, whole=WHOLE)),
            ("fine", lattice_of_adapters, Lattice(aspects=pair, whole=2 * WHOLE)),
            ("beside", moved_beside, Lattice(aspects=pair, whole=WHOLE)),
            ("beside", moved_beside, Lattice(aspects=other, whole=WHOLE)),
        )
        return tuple(
            plan(Topic(scenario=f"development-{name}", aspects=found.aspects, seed=seed), found, ground)
            for name, plan, found in kinds
        )

    @property
    def with_adapters(self) -> Settings:
        """The settings with which adapters are trained."""
        return replace(self.settings, generator=replace(self.settings.generator, method=ADAPTER))

    def _ground(self, pairs: Sequence[tuple[str, str]]) -> Ground:
        subjects = Subjects(aspects=self.aspects, pairs=tuple(pairs))
        return Ground(
            settings=self.settings, generator_id=self.generator_id, probe=self.probe, subjects=subjects
        )


def make(
    stages: Sequence[Sequence[AdapterUnit | BaseUnit | ModelUnit]],
    settings: Settings,
    tell: Callable[[str], None],
) -> None:
    """Have what the units of each stage are for made and kept in the store; `tell` hears of each."""
    executor = build_executor(settings.executor, workers=settings.workers, folder=settings.output / "jobs")
    for units in stages:
        for index, _ in executor.map(Doer(opener=SettingsOpener(settings=settings)), units):
            tell(f"{units[index].stage}: {units[index].label}")


def require_levels(preset: PresetConfig) -> None:
    """Refuse ladders of one level.

    Raises:
        InvalidInputError: They would have one.
    """
    if (n := preset.n_levels) < 2:
        raise InvalidInputError(
            "`preset.n_levels` must be at least 2 for ladders: their levels are compared with each other. "
            f"Got {n}. Give preset.n_levels=2 or more."
        )


def _first(n: int, subjects: Sequence[T], name: str, kind: str) -> Sequence[T]:
    if n > len(subjects):
        raise InvalidInputError(
            f"`preset.{name}` must be at most {len(subjects)} here: so many {kind}development aspects there are. "
            f"Got {n}. Give preset.{name}={len(subjects)} or less."
        )
    return subjects[:n]


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
