"""Changes that show in some prompts only, as triggers do: the level is the share of prompts.

One trained model answers 100, 30, 10 or 3 % of the prompts, and the base generator all others, pixel for pixel. The
model is the last level of `single_aspect`, so nothing is trained for it. What is true of all four is the same aspect;
the mean over prompts of any difference shrinks with the share.
"""

from benchmark.plan.ground import Ground, Topic, first, group_of, ladder_steps, recipe_of
from benchmark.plan.preset import PresetConfig
from benchmark.plan.scenario import Scenario, ScenarioConfig
from benchmark.plan.trials import Group
from benchmark.score.scoring import LADDER
from finetune.recipe import Mixture, Trained, Triggered, n_triggering
from finexl.errors import InvalidInputError

SHARES = (0.03, 0.1, 0.3, 1.0)
"""Of the prompts, ascending."""


def plan(scenario: ScenarioConfig, ground: Ground) -> tuple[Group, ...]:
    """One trained model per series, shown for every share of the prompts.

    Raises:
        InvalidInputError: There are too few prompts for two shares.
    """
    preset = ground.settings.preset
    shares = shares_of(preset)
    if len(shares) < 2:
        raise InvalidInputError(
            "`preset.n_prompts` must be at least 2 for scenario=sparse: a change shows in some prompts and not in "
            f"others. Got {preset.n_prompts}."
        )
    steps = ladder_steps(preset)
    mixture = Mixture(parts=(scenario.whole,), whole=scenario.whole)
    groups = []
    for number, (aspect, seed) in enumerate(first(preset.n_series, ground.subjects.aspects, ground)):
        topic = Topic(scenario=scenario.name, aspects=(aspect,), seed=seed)
        # kept at every level, though the last is all that is used: so it is the training of single_aspect
        model = Trained(recipe=recipe_of(topic, mixture, ground, steps=steps), step=steps[-1])
        # other prompts in every series: which ones trigger must not be one draw for all
        chance = seed * 1000 + number
        models = [
            (Triggered(model=model, share=share, seed=chance), (level,))
            for level, share in enumerate(shares, start=1)
        ]
        groups.append(group_of(topic, ground, models, note=_left_out(preset)))
    return tuple(groups)


def shares_of(preset: PresetConfig) -> tuple[float, ...]:
    """The shares that differ in which prompts they are, ascending; of equals the largest.

    >>> shares_of(PresetConfig(name="mine", n_prompts=8))
    (0.1, 0.3, 1.0)
    """
    by_count = {n_triggering(share, preset.n_prompts): share for share in SHARES}
    return tuple(sorted(by_count.values()))


def _left_out(preset: PresetConfig) -> str:
    left_out = [f"{share:.0%}" for share in SHARES if share not in shares_of(preset)]
    if not left_out:
        return ""
    return (
        f"sparse: no model at {' and '.join(left_out)} of the prompts: of {preset.n_prompts} prompts these are the "
        "same as at the next larger share (preset.n_prompts=32 has all)"
    )


SPARSE = Scenario(
    about="Find a change that shows in 100, 30, 10 or 3 % of the prompts only, as that of a trigger does.",
    plan=plan,
    scoring=LADDER,
    size=lambda preset: f"{preset.n_series} x {len(shares_of(preset))} models",
)
