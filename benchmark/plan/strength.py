"""Series of one aspect whose level is an adapter's weight: a second exact ladder, beside training steps.

One adapter is trained as long as the last level of `single_aspect`, and added to the base model at
1/n, 2/n, ... of its weight. All levels share one training run's chance.
"""

from benchmark.plan.composing import check_adapters
from benchmark.plan.ground import Ground, Topic, first, group_of, ladder_steps, recipe_of
from benchmark.plan.scenario import Scenario, ScenarioConfig, series
from benchmark.plan.trials import Group
from benchmark.score.scoring import LADDER
from finetune.recipe import Mixture, Trained


def plan(scenario: ScenarioConfig, ground: Ground) -> tuple[Group, ...]:
    """One adapter per series, at as many weights as the preset has levels.

    Raises:
        InvalidInputError: The generator's method trains no adapter.
    """
    check_adapters(scenario.name, ground)
    preset = ground.settings.preset
    *_, step = ladder_steps(preset)
    mixture = Mixture(parts=(scenario.whole,), whole=scenario.whole)
    groups = []
    for aspect, seed in first(preset.n_series, ground.subjects.aspects, ground):
        topic = Topic(scenario=scenario.name, aspects=(aspect,), seed=seed)
        recipe = recipe_of(topic, mixture, ground, steps=(step,))
        models = [
            (Trained(recipe=recipe, step=step, scale=level / preset.n_levels), (level,))
            for level in range(1, preset.n_levels + 1)
        ]
        groups.append(group_of(topic, ground, models))
    return tuple(groups)


STRENGTH = Scenario(
    about="Rank one adapter at several weights by its weight; needs generator.method=lora or finestyle.",
    plan=plan,
    scoring=LADDER,
    size=series,
)
