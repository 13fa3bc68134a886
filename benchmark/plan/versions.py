"""Released versions of a model, compared with an earlier one (paper §6.4, Fig. 10).

There is no ladder. The record is the explanations side by side; where the versions' training is known, the truth
is an order: which version shows more of an aspect.
"""

from benchmark.plan.ground import Ground, Topic, group_of, probe_seed
from benchmark.plan.scenario import Scenario, ScenarioConfig
from benchmark.plan.trials import Group
from benchmark.score.scoring import ORDERING
from finetune.recipe import Released
from finexl.errors import InvalidInputError


def plan(scenario: ScenarioConfig, ground: Ground) -> tuple[Group, ...]:
    """One group: every version that the generator names, with the amounts that are known of each aspect.

    Raises:
        InvalidInputError: The generator names fewer than two versions.
    """
    generator = ground.settings.generator
    if len(generator.versions) < 2:
        raise InvalidInputError(
            "`generator.versions` must name at least two checkpoints for scenario=versions. "
            f"Generator {generator.name!r} has {len(generator.versions)}. "
            "Choose generator=miniature_sd_v11 or generator=sd11."
        )
    amounts = [version.aspects for version in generator.versions.values()]
    aspects = tuple(dict.fromkeys(aspect for each in amounts for aspect in each))
    # the seed trains nothing here; it keeps ids of different runs apart
    topic = Topic(scenario=scenario.name, aspects=aspects, seed=probe_seed(ground.settings))
    models = [
        (
            Released(generator=ground.generator_id, version=name),
            tuple(version.aspects.get(aspect, 0) for aspect in aspects),
        )
        for name, version in generator.versions.items()
    ]
    return (group_of(topic, ground, models, about="+".join(generator.versions)),)


VERSIONS = Scenario(
    about="Explain later versions of a generator against an earlier one, and order them by what "
    "is known (paper §6.4, Fig. 10).",
    plan=plan,
    scoring=ORDERING,
    size=lambda _: "",
)
