"""Lattices whose models are also moved by an aspect that nobody asks about, so that distance from the base says little.

Which aspect it is, and how much of it, is drawn for each model, and is part of its truth. The lattices are those of
`multi_aspect` and of `fine_grained`, and the models are composed of adapters. What is drawn is a style: the corpora
have no subject without a style that an adapter could be trained on.

`nuisance_free` has the same lattices of the same adapters, prompts and noise without it, so that what the added aspect
costs an explainer is the difference of the two scores, and not that of other lattices.
"""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from benchmark.plan.composing import Lattice, check_adapters, composed, in_turn
from benchmark.plan.fine_grained import lattice_of_adapters
from benchmark.plan.ground import Ground, Topic, first, group_of
from benchmark.plan.preset import PresetConfig
from benchmark.plan.scenario import Scenario, ScenarioConfig
from benchmark.plan.trials import Group
from benchmark.score.scoring import SELECTION
from finexl.errors import InvalidInputError

_N_DRAWS = 64
"""Draws of levels, of which the one that goes least with the truth is taken."""


def plan(scenario: ScenarioConfig, ground: Ground) -> tuple[Group, ...]:
    """The lattices, each model of which is also moved by another aspect.

    Raises:
        InvalidInputError: The generator's method trains no adapter, or the corpus has no aspect beside a group's.
    """
    return tuple(moved_beside(topic, found, ground) for topic, found in _lattices(scenario, ground))


def plan_free(scenario: ScenarioConfig, ground: Ground) -> tuple[Group, ...]:
    """The lattices, moved by what is asked about alone.

    Raises:
        InvalidInputError: The generator's method trains no adapter.
    """
    return tuple(lattice_of_adapters(topic, found, ground) for topic, found in _lattices(scenario, ground))


def _lattices(scenario: ScenarioConfig, ground: Ground) -> Iterator[tuple[Topic, Lattice]]:
    """Pairs in `whole`-ths (6 models), triples in them (10), and pairs in half as large steps (15), in turn."""
    check_adapters(scenario.name, ground)
    pairs, whole = ground.subjects.pairs, scenario.whole
    kinds = (
        [Lattice(aspects=each, whole=whole) for each in pairs[::2]],
        [Lattice(aspects=each, whole=whole) for each in ground.subjects.triples],
        [Lattice(aspects=each, whole=2 * whole) for each in pairs[1::2]],
    )
    for found, seed in first(ground.settings.preset.n_nuisance_groups, in_turn(*kinds), ground):
        yield Topic(scenario=scenario.name, aspects=found.aspects, seed=seed), found


def drawn(topic: Topic, found: Lattice, aspects: Sequence[str]) -> tuple[tuple[str, int], ...]:
    """An aspect for each model of a lattice that is none of the group's, with its level from 1 to the whole.

    Levels go as little with the truth as chance allows: of 64 draws the one is taken whose largest correlation with
    a coordinate, or with their sum, is the smallest.

    Raises:
        InvalidInputError: There is no other aspect.
    """
    others = [aspect for aspect in aspects if aspect not in topic.aspects]
    if not others:
        raise InvalidInputError(
            f"The corpus must have a scored aspect beside {' and '.join(topic.aspects)} for "
            f"scenario={topic.scenario}. It has none. Add one to corpus.aspects."
        )
    name = zlib.crc32("+".join(topic.aspects).encode())
    chance = np.random.default_rng(np.random.SeedSequence((topic.seed, name, found.whole)))
    n = len(found.levels)
    chosen = chance.integers(len(others), size=n)
    draws = chance.integers(1, found.whole, size=(_N_DRAWS, n), endpoint=True)
    truth = np.array([(*levels, sum(levels)) for levels in found.levels], dtype=np.float64).T
    levels = min(draws, key=lambda draw: _largest_correlation(draw, truth))
    return tuple((others[index], int(level)) for index, level in zip(chosen, levels, strict=True))


def _largest_correlation(draw: np.ndarray, truth: np.ndarray) -> float:
    """Between a draw of levels and any row of the truth; infinite where all levels are the same."""
    if np.ptp(draw) == 0:
        return float("inf")
    return float(np.abs(np.corrcoef(np.vstack([truth, draw]))[-1, :-1]).max())


def moved_beside(topic: Topic, found: Lattice, ground: Ground) -> Group:
    """A lattice each of whose models is also moved by an aspect that is drawn for it."""
    unasked = drawn(topic, found, ground.subjects.aspects)
    models = [
        (
            composed(topic, [*zip(found.aspects, levels, strict=True), beside], ground, whole=found.whole),
            levels,
        )
        for levels, beside in zip(found.levels, unasked, strict=True)
    ]
    group = group_of(topic, ground, models)
    trials = (replace(trial, unasked=(beside,)) for trial, beside in zip(group.trials, unasked, strict=True))
    return replace(group, trials=tuple(trials))


def _size(preset: PresetConfig) -> str:
    return f"{preset.n_nuisance_groups} x 6, 10 or 15 models"


NUISANCE = Scenario(
    about="The same choice where every model is also moved by an aspect that nobody asks about, "
    "so that distance says little.",
    plan=plan,
    scoring=SELECTION,
    size=_size,
)
NUISANCE_FREE = Scenario(
    about="The lattices of nuisance moved by nothing else: the difference is what the added aspect costs.",
    plan=plan_free,
    scoring=SELECTION,
    size=_size,
)
