"""Facial features: the level is the scale of an edit (paper §6.3, Fig. 9, Table 4).

Nothing is trained: an edit direction is added to the base model's predictions. Each direction gives one series,
so a generator with fewer directions than the preset has series gives fewer.
"""

from itertools import islice

from benchmark.parts.generator_settings import DirectionConfig
from benchmark.plan.ground import Ground, Topic, group_of, probe_seed
from benchmark.plan.scenario import Scenario, ScenarioConfig
from benchmark.plan.trials import Group
from benchmark.score.scoring import LADDER
from finetune.recipe import Edited
from finexl.errors import InvalidInputError


def plan(scenario: ScenarioConfig, ground: Ground) -> tuple[Group, ...]:
    """One series per edit direction, at even scales from its `bottom_scale` to its `top_scale`.

    Raises:
        InvalidInputError: The generator has no edit directions, or one whose bottom is not below its top.
    """
    preset, directions = ground.settings.preset, ground.settings.generator.directions
    if not directions:
        raise InvalidInputError(
            "`generator.directions` must name at least one edit direction for scenario=subject. "
            f"Generator {ground.settings.generator.name!r} has none. Choose generator=miniature_portraits, "
            "or add generator.directions.mustache.file=<path>."
        )
    groups = []
    # by number of series, not of seeds: nothing is trained, so another seed would be the same edit
    for direction, config in islice(directions.items(), preset.n_series):
        topic = Topic(scenario=scenario.name, aspects=(direction,), seed=probe_seed(ground.settings))
        models = [
            (
                Edited(
                    generator=ground.generator_id,
                    direction=direction,
                    scale=scale,
                ),
                (level,),
            )
            for level, scale in enumerate(scales(direction, config, preset.n_levels), start=1)
        ]
        groups.append(group_of(topic, ground, models))
    return tuple(groups)


def scales(direction: str, config: DirectionConfig, n_levels: int) -> tuple[float, ...]:
    """Even steps to `top_scale`, from `bottom_scale` or, without one, from a step above none."""
    top, bottom = config.top_scale, config.bottom_scale
    if bottom is None:
        return tuple(top * level / n_levels for level in range(1, n_levels + 1))
    if bottom >= top:
        raise InvalidInputError(
            f"`generator.directions.{direction}.bottom_scale` must be less than its top_scale, {top:g}: levels lie "
            f"between them. Got {bottom:g}. Give less, or leave it out."
        )
    return tuple(bottom + (top - bottom) * step / max(1, n_levels - 1) for step in range(n_levels))


SUBJECT = Scenario(
    about="Rank edits of a face (a mustache, say) by their scale; nothing is trained (paper "
    "§6.3, Fig. 9, Table 4).",
    plan=plan,
    scoring=LADDER,
    size=lambda preset: f"{preset.n_levels} models per edit direction",
)
