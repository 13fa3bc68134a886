"""Series of one aspect: the level is how long a model was fine-tuned (paper §6.1, App. C; Tables 1, 2, 5, 6)."""

from benchmark.plan.ground import Ground, Topic, first, group_of, ladder_steps, recipe_of
from benchmark.plan.scenario import Scenario, ScenarioConfig, series
from benchmark.plan.trials import Group
from benchmark.score.scoring import LADDER
from finetune.recipe import Mixture, Trained


def plan(scenario: ScenarioConfig, ground: Ground) -> tuple[Group, ...]:
    """One training run on one aspect's images per series, kept at every level."""
    preset = ground.settings.preset
    steps = ladder_steps(preset)
    mixture = Mixture(parts=(scenario.whole,), whole=scenario.whole)
    groups = []
    # one training run that is kept at every level: runs of their own would differ by chance as well
    for aspect, seed in first(preset.n_series, ground.subjects.aspects, ground):
        topic = Topic(scenario=scenario.name, aspects=(aspect,), seed=seed)
        recipe = recipe_of(topic, mixture, ground, steps=steps)
        models = [(Trained(recipe=recipe, step=step), (level,)) for level, step in enumerate(steps, start=1)]
        groups.append(group_of(topic, ground, models))
    return tuple(groups)


SINGLE_ASPECT = Scenario(
    about="Rank the checkpoints of one aspect's fine-tuning by how far it went (paper §6.1, Table 1).",
    plan=plan,
    scoring=LADDER,
    size=series,
)
