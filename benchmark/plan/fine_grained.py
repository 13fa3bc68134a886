"""Finer lattices than those of pairs: three aspects in halves, and two in quarters.

The paper says that explanations with amounts gain most where models differ little, and measures none that differ by
less than half of the images. Here the models are composed of adapters.
"""

from benchmark.plan.composing import Lattice, check_adapters, composed, in_turn
from benchmark.plan.ground import Ground, Topic, first, group_of
from benchmark.plan.scenario import Scenario, ScenarioConfig
from benchmark.plan.trials import Group
from benchmark.score.scoring import SELECTION


def plan(scenario: ScenarioConfig, ground: Ground) -> tuple[Group, ...]:
    """Lattices of three aspects in `whole`-ths (10 models in halves) and of two in half as large steps (15), in turn.

    Raises:
        InvalidInputError: The generator's method trains no adapter.
    """
    check_adapters(scenario.name, ground)
    triples = [Lattice(aspects=each, whole=scenario.whole) for each in ground.subjects.triples]
    pairs = [Lattice(aspects=each, whole=2 * scenario.whole) for each in ground.subjects.pairs]
    return tuple(
        lattice_of_adapters(Topic(scenario=scenario.name, aspects=found.aspects, seed=seed), found, ground)
        for found, seed in first(ground.settings.preset.n_fine_groups, in_turn(triples, pairs), ground)
    )


def lattice_of_adapters(topic: Topic, found: Lattice, ground: Ground) -> Group:
    """A lattice whose models are composed of adapters."""
    models = [
        (composed(topic, [*zip(found.aspects, levels, strict=True)], ground, whole=found.whole), levels)
        for levels in found.levels
    ]
    return group_of(topic, ground, models)


FINE_GRAINED = Scenario(
    about="Pick, of ten mixtures of three aspects or fifteen of two, the one that fits each wish; "
    "models are composed of adapters.",
    plan=plan,
    scoring=SELECTION,
    size=lambda preset: f"{preset.n_fine_groups} x 10 or 15 models",
)
