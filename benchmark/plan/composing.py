"""Models composed of adapters: an aspect's amount is the weight of an adapter that was trained on it alone.

An adapter depends on its aspect and seed alone, so all models of a run share it, and a lattice costs one short training
for each aspect however fine it is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TypeVar

from benchmark.plan.ground import Ground, Topic, mixture_steps, recipe_of
from finetune.family_facts import FAMILIES
from finetune.recipe import Composed, Mixture, Trained, lattice
from finexl.errors import InvalidInputError

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lattice:
    """Some aspects, and into how many parts the weight of their adapters is cut."""

    aspects: tuple[str, ...]
    whole: int

    @property
    def levels(self) -> tuple[tuple[int, ...], ...]:
        """How many parts of each aspect the models have, which are never more than the whole together."""
        return tuple(mixture.parts for mixture in lattice(len(self.aspects), self.whole))


def in_turn(*kinds: Sequence[T]) -> tuple[T, ...]:
    """The first of every kind, then the second of every kind, and so on; kinds that have no more are passed over."""
    nothing = object()
    rounds: Iterable[tuple[T | object, ...]] = zip_longest(*kinds, fillvalue=nothing)
    return tuple(one for each in rounds for one in each if one is not nothing)  # pyright: ignore[reportReturnType]


def composed(topic: Topic, levels: Sequence[tuple[str, int]], ground: Ground, *, whole: int) -> Composed:
    """The base generator with the adapter of each aspect at the weight that shows level / whole of the aspect.

    An adapter's effect may grow faster than its weight, by a power that is measured on development aspects.
    """
    power = 1 / ground.settings.generator.rates.response
    return Composed(
        adapters=tuple(
            _adapter(topic, aspect, ground, scale=round((level / whole) ** power, 3))
            for aspect, level in levels
        )
    )


def check_adapters(scenario: str, ground: Ground) -> None:
    """See that the generator's method trains adapters, since the levels of the scenario are their weights.

    Raises:
        InvalidInputError: It trains all weights.
    """
    generator = ground.settings.generator
    if generator.method != "full":
        return
    adapters = [method for method in FAMILIES[generator.family].methods if method != "full"]
    advice = (
        f"Add generator.method={' or generator.method='.join(adapters)}."
        if adapters
        else f"Generators of the family {generator.family!r} have none; choose another."
    )
    raise InvalidInputError(
        f"`generator.method` must train an adapter for scenario={scenario}: the level is its weight. "
        f"Got {generator.method!r}. {advice}"
    )


def _adapter(topic: Topic, aspect: str, ground: Ground, *, scale: float) -> Trained:
    """The adapter of one aspect, trained as the models of a pair are."""
    step = mixture_steps(ground)
    alone = Topic(scenario=topic.scenario, aspects=(aspect,), seed=topic.seed)
    recipe = recipe_of(alone, Mixture(parts=(1,), whole=1), ground, steps=(step,), of_pairs=True)
    return Trained(recipe=recipe, step=step, scale=scale)
