"""Pairs of aspects: one model for every mixture of the lattice (paper §6.2, App. C, Fig. 11; Table 3)."""

from benchmark.config.settings import ScenarioConfig
from benchmark.plan.ground import Ground, Topic, first, group_of, recipe_of
from benchmark.plan.trials import Group
from finetune.recipe import Trained, lattice


def multi_aspect(scenario: ScenarioConfig, ground: Ground) -> tuple[Group, ...]:
    """One training run per mixture; the truth is how many parts of the images each aspect supplied."""
    preset, rates = ground.settings.preset, ground.settings.generator.rates
    step = max(1, round(preset.pair_steps * rates.pair_steps_factor))
    groups = []
    for pair, seed in first(preset.n_pairs, ground.subjects.pairs, ground):
        topic = Topic(scenario=scenario, aspects=pair, seed=seed)
        models = [
            (
                Trained(recipe=recipe_of(topic, mixture, ground, steps=(step,)), step=step),
                mixture.parts,
            )
            for mixture in lattice(len(pair), scenario.whole)
        ]
        groups.append(group_of(topic, ground, models))
    return tuple(groups)
