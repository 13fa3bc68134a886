"""Models that nothing was done to, of which the right explanation is none.

Some are the base generator with other noise for the same prompts; one per group is tuned on the base generator's own
images, as long as the last level of `single_aspect`: its weights moved, and no aspect of its images did.
"""

from benchmark.plan.ground import Ground, Topic, group_of, ladder_steps, recipe_of, training_seeds
from benchmark.plan.scenario import Scenario, ScenarioConfig
from benchmark.plan.trials import Group
from benchmark.score.scoring import SILENCE
from finetune.recipe import Mixture, Reseeded, Trained, Variant
from finexl.errors import InvalidInputError

N_NOISES = 4
"""Models of a group that are the base generator with other noise."""

_APART = 10**8
"""More than any probe's noise seed, so that no two draws of noise have one in common."""
_LARGEST = 2**62
"""Seeds of noise are 64 bits at most, and those of a secret are long."""


def plan(scenario: ScenarioConfig, ground: Ground) -> tuple[Group, ...]:
    """One group per training seed, since models tuned on base images differ by nothing else.

    Raises:
        InvalidInputError: The preset asks for more groups than there are seeds.
    """
    preset, aspects = ground.settings.preset, ground.subjects.aspects
    seeds = training_seeds(ground.settings)[: preset.n_series]
    if len(seeds) < preset.n_series:
        raise InvalidInputError(
            f"`preset.n_series` must be at most {len(seeds)} for scenario=unchanged: each group has a training seed "
            f"of its own. Got {preset.n_series}."
        )
    steps = ladder_steps(preset)[-1:]
    groups = []
    for index, seed in enumerate(seeds):
        # of what is asked nothing is there; the aspects only take turns
        topic = Topic(scenario=scenario.name, aspects=(aspects[index % len(aspects)],), seed=seed)
        mixture = Mixture(parts=(0,), whole=scenario.whole)
        tuned = Trained(recipe=recipe_of(topic, mixture, ground, steps=steps), step=steps[-1])
        variants: list[Variant] = [*other_noise(ground.generator_id, seed=seed), tuned]
        groups.append(group_of(topic, ground, [(variant, (0,)) for variant in variants]))
    return tuple(groups)


def other_noise(generator_id: str, *, seed: int, n: int = N_NOISES) -> tuple[Reseeded, ...]:
    """The base generator with `n` other draws of noise, at most `N_NOISES` for each `seed`; no two are equal.

    >>> len({model.shift for seed in (1000, 1001) for model in other_noise("g", seed=seed)})
    8
    """
    if not 1 <= n <= N_NOISES:
        raise InvalidInputError(f"`n` of other draws of noise must be from 1 to {N_NOISES}. Got {n}.")
    return tuple(
        Reseeded(generator=generator_id, shift=_APART * (seed * N_NOISES + draw) % _LARGEST)
        for draw in range(1, n + 1)
    )


UNCHANGED = Scenario(
    about="Say nothing of models that nothing was done to: the base with other noise, or tuned on its own images.",
    plan=plan,
    scoring=SILENCE,
    size=lambda preset: f"{preset.n_series} x {N_NOISES + 1} models",
)
