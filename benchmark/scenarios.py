"""Scenarios: pure functions from settings to groups of trials with a known truth (paper §6.1-6.2, App. C)."""

import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice, product
from statistics import geometric_mean
from typing import TypeVar

from benchmark.settings import ScenarioConfig, Settings
from benchmark.trials import Group, Probe, Trial
from finetune.miniature import split
from finetune.recipe import Mixture, Recipe, lattice
from finexl.errors import InvalidInputError

Prompts = Callable[[int, int], tuple[str, ...]]
"""(how many, seed) to that many probe prompts of the corpus."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What all groups of a run share."""

    settings: Settings
    generator_id: str
    probe: Probe


Planner = Callable[[ScenarioConfig, Ground], tuple[Group, ...]]


def plan(settings: Settings, *, generator_id: str, prompts: Prompts) -> tuple[Group, ...]:
    """Every group of a run, in the order of its scenarios; the same settings give the same plan.

    All groups share one probe, so that base images are made once.
    """
    ground = Ground(settings=settings, generator_id=generator_id, probe=_probe(settings, prompts))
    return tuple(
        group for scenario in settings.scenarios for group in SCENARIOS[scenario.name](scenario, ground)
    )


def single_aspect(scenario: ScenarioConfig, ground: Ground) -> tuple[Group, ...]:
    """Series: one training run on one aspect's images each, kept at every level (§6.1)."""
    preset = ground.settings.preset
    steps = tuple(preset.steps_per_level * level for level in range(1, preset.n_levels + 1))
    groups = []
    for aspect, seed in _first(preset.n_series, split.SCORED_ASPECTS, ground):
        mixture = Mixture(parts=(scenario.whole,), whole=scenario.whole)
        recipe = _recipe((aspect,), mixture, ground, seed=seed, steps=steps)
        group = f"{scenario.name}/{aspect}/seed{seed}"
        trials = tuple(
            Trial(id=_opaque(ground, group, level), recipe=recipe, step=step, truth=(level,))
            for level, step in enumerate(steps, start=1)
        )
        groups.append(
            Group(
                id=group,
                scenario=scenario.name,
                aspects=(aspect,),
                seed=seed,
                probe=ground.probe,
                trials=trials,
            )
        )
    return tuple(groups)


def multi_aspect(scenario: ScenarioConfig, ground: Ground) -> tuple[Group, ...]:
    """Pairs of aspects: one model for every mixture of the lattice (§6.2, Fig. 11)."""
    preset = ground.settings.preset
    groups = []
    for pair, seed in _first(preset.n_pairs, split.SCORED_PAIRS, ground):
        group = f"{scenario.name}/{'+'.join(pair)}/seed{seed}"
        trials = tuple(
            Trial(
                id=_opaque(ground, group, index),
                recipe=_recipe(pair, mixture, ground, seed=seed, steps=(preset.pair_steps,)),
                step=preset.pair_steps,
                truth=mixture.parts,
            )
            for index, mixture in enumerate(lattice(len(pair), scenario.whole))
        )
        groups.append(
            Group(
                id=group, scenario=scenario.name, aspects=pair, seed=seed, probe=ground.probe, trials=trials
            )
        )
    return tuple(groups)


SCENARIOS: dict[str, Planner] = {"single_aspect": single_aspect, "multi_aspect": multi_aspect}
"""Every scenario by the name it has in `configs/scenario/`."""


def _first(n: int, subjects: Sequence[T], ground: Ground) -> tuple[tuple[T, int], ...]:
    """The first n of (subject, training seed): every subject with one seed before any with a second."""
    seeds = _rotated(split.SCORED_SEEDS, ground.settings.seed)
    n_all = len(seeds) * len(subjects)
    if n > n_all:
        raise InvalidInputError(
            f"A scenario can ask for at most {n_all} groups: {len(subjects)} scored aspects or pairs with "
            f"{len(seeds)} seeds each. Got {n}. Choose a smaller preset."
        )
    return tuple((subject, seed) for seed, subject in islice(product(seeds, subjects), n))


def _recipe(
    aspects: tuple[str, ...], mixture: Mixture, ground: Ground, *, seed: int, steps: tuple[int, ...]
) -> Recipe:
    generator, preset = ground.settings.generator, ground.settings.preset
    return Recipe(
        generator=ground.generator_id,
        corpus=ground.settings.corpus.name,
        aspects=aspects,
        mixture=mixture,
        n_images=preset.n_images,
        learning_rate=_learning_rate(aspects, ground),
        batch_size=generator.batch_size,
        steps=steps,
        seed=seed,
    )


def _learning_rate(aspects: Sequence[str], ground: Ground) -> float:
    """The rate of the aspects; in between, where a pair's rates differ, so that all its models share one."""
    generator = ground.settings.generator
    usual = generator.learning_rate
    if len(aspects) > 1 and generator.pair_learning_rate is not None:
        usual = generator.pair_learning_rate
    rates = {generator.learning_rates.get(aspect, usual) for aspect in aspects}
    rate = rates.pop() if len(rates) == 1 else geometric_mean(sorted(rates))
    return float(f"{rate * ground.settings.preset.rate_factor:.3g}")


def _probe(settings: Settings, prompts: Prompts) -> Probe:
    seed = _rotated(split.SCORED_SEEDS, settings.seed)[0]
    n = settings.preset.n_prompts
    return Probe(prompts=prompts(n, seed), seeds=tuple(seed * 10_000 + index for index in range(n)))


def _rotated(seeds: Sequence[int], seed: int) -> tuple[int, ...]:
    """The seeds in order, beginning with the one that the run's seed points to."""
    start = seed % len(seeds)
    return (*seeds[start:], *seeds[:start])


def _opaque(ground: Ground, group: str, index: int) -> str:
    """A trial's id: a keyed hash, so that it says nothing about level, mixture or order."""
    salt = f"finexl trials {ground.settings.seed}".encode()
    return hmac.digest(salt, f"{group}/{index}".encode(), "sha256").hex()[:16]
