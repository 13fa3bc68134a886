"""What probes learn from before a run: images of the base model, and models fine-tuned for the oracle probe alone.

The oracle probe is told the truth about the scored aspects and nothing about the scored models: its models come from
development seeds, and its prompts and noise are development data.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from benchmark.plan.composing import composed
from benchmark.plan.ground import Ground, Topic, recipe_of
from benchmark.plan.trials import Group, Probe
from finetune.miniature.split import DEVELOPMENT_SEEDS
from finetune.recipe import Composed, Mixture, Trained, Variant

N_PROMPTS = 16
"""Prompts on which the models of lessons are compared with their base."""
_N_IMAGES = 64
_FASTER = 2.0
"""Times the rate of mixtures: lessons are short."""
_LEVELS = 2
_WHOLE = 4
"""Parts into which the weights of adapters are cut."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What is made before an act and belongs to no group, from development data alone."""

    bases: tuple[Probe, ...] = ()
    """Images of the base model."""
    models: tuple[tuple[Variant, Probe], ...] = ()
    """Models and the images that are made of them."""
    learned: tuple[str, ...] = ()
    """Probes that learn from these, of `PROBES`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """A model and how much of each aspect it has learned, 1 = as much as the longest lesson teaches."""

    variant: Variant
    strengths: tuple[tuple[str, float], ...]


def lessons(groups: Sequence[Group], known: Sequence[str], ground: Ground) -> Iterator[Lesson]:
    """Models made as those of a plan are: trained on one aspect, or composed of adapters."""
    yield from _trained_lessons(aspects_of(groups, Trained, known), ground)
    yield from _composed_lessons(aspects_of(groups, Composed, known), ground)


def aspects_of(
    groups: Sequence[Group], kind: type[Trained | Composed], known: Collection[str]
) -> tuple[str, ...]:
    """The aspects of a plan's models of one kind, in the order of the corpus."""
    asked = {
        aspect
        for group in groups
        for trial in group.trials
        if isinstance(trial.variant, kind)
        for aspect in (*group.aspects, *(name for name, _ in trial.unasked))
    }
    return tuple(aspect for aspect in known if aspect in asked)


def _trained_lessons(aspects: Sequence[str], ground: Ground) -> Iterator[Lesson]:
    """Every aspect alone, kept at two levels; half the last level counts as half of the aspect."""
    rates, preset = ground.settings.generator.rates, ground.settings.preset
    rate = (rates.pair_learning_rate or rates.learning_rate) * preset.rate_factor * _FASTER
    steps = tuple(preset.oracle_steps * level // _LEVELS for level in range(1, _LEVELS + 1))
    for aspect in aspects:
        topic = Topic(scenario="lesson", aspects=(aspect,), seed=DEVELOPMENT_SEEDS[0])
        usual = recipe_of(topic, Mixture(parts=(1,), whole=1), ground, steps=steps)
        recipe = replace(usual, learning_rate=float(f"{rate:.3g}"), n_images=min(_N_IMAGES, usual.n_images))
        for level, step in enumerate(steps, start=1):
            strengths = ((aspect, level / _LEVELS),)
            yield Lesson(variant=Trained(recipe=recipe, step=step), strengths=strengths)


def _composed_lessons(aspects: Sequence[str], ground: Ground) -> Iterator[Lesson]:
    """Every aspect alone at a quarter, half and all of its adapter, and neighbours of the list in halves."""
    alone = [((aspect, level),) for aspect in aspects for level in (1, 2, _WHOLE)]
    around = (
        [] if len(aspects) < 2 else [*pairwise(aspects), *((aspects[-1], aspects[0]),) * (len(aspects) > 2)]
    )
    together = [((one, _WHOLE // 2), (other, _WHOLE // 2)) for one, other in around]
    for levels in (*alone, *together):
        names = tuple(aspect for aspect, _ in levels)
        topic = Topic(scenario="lesson", aspects=names, seed=DEVELOPMENT_SEEDS[0])
        yield Lesson(
            variant=composed(topic, levels, ground, whole=_WHOLE),
            strengths=tuple((aspect, level / _WHOLE) for aspect, level in levels),
        )
