"""Pairs of aspects: one model for every mixture of the lattice (paper §6.2, App. C, Fig. 11; Table 3)."""

from benchmark.plan.ground import Ground, Topic, first, group_of, mixture_steps, recipe_of
from benchmark.plan.scenario import Scenario, ScenarioConfig
from benchmark.plan.trials import Group
from benchmark.score.scoring import SELECTION
from finetune.recipe import Trained, lattice


def plan(scenario: ScenarioConfig, ground: Ground) -> tuple[Group, ...]:
    """One training run per mixture; the truth is how many parts of the images each aspect supplied."""
    step, groups = mixture_steps(ground), []
    for pair, seed in first(ground.settings.preset.n_pairs, ground.subjects.pairs, ground):
        topic = Topic(scenario=scenario.name, aspects=pair, seed=seed)
        models = [
            (
                Trained(recipe=recipe_of(topic, mixture, ground, steps=(step,)), step=step),
                mixture.parts,
            )
            for mixture in lattice(len(pair), scenario.whole)
        ]
        groups.append(group_of(topic, ground, models))
    return tuple(groups)


MULTI_ASPECT = Scenario(
    about="Pick, of six models trained on mixtures of two aspects, the one that fits each wish "
    "(paper §6.2, Table 3).",
    plan=plan,
    scoring=SELECTION,
    size=lambda preset: f"{preset.n_pairs} x 6 models",
)
