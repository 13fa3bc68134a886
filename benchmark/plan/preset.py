"""How large a run is, and what that is known to cost."""

from dataclasses import field
from typing import Annotated

from annotated_types import Ge, Gt, Le

from benchmark.parts.strictness import Count, Positive, settings

Groups = Annotated[int, Ge(1), Le(1000)]
"""Groups of a scenario: with more, a plan alone would take minutes, and no interval gets narrower to speak of."""


@settings
class Expected:
    """What one scenario costs on two cores with a cold store and the default explainers."""

    minutes: Positive
    disk_mb: Positive
    vlm_calls: Annotated[int, Ge(0)]
    generator: str = "miniature_sd"
    """The choice of generator for which minutes and disk space were measured; others take other times."""
    method: str = "full"
    """The method (`generator.method`) for which this was measured."""


@settings
class PresetConfig:
    """How large a run is."""

    name: str
    n_series: Groups = 3
    """Series of `single_aspect`, `sparse` and `strength`: one training run of one aspect each; groups of `unchanged`;
    at most so many of `subject`."""
    n_levels: Annotated[int, Ge(1), Le(100)] = 10
    """Models of a series: checkpoints of one training run, or parts of the full weight or scale, i/n at level i."""
    first_step: Count = 60
    """Training steps of a series' first level, enough to show more than other noise does (`benchmark tune ladders`)."""
    steps_per_level: Count = 8
    """Training steps from one level of a series to the next."""
    n_pairs: Groups = 3
    """Groups of `multi_aspect`: one pair of aspects each, six mixtures."""
    pair_steps: Count = 120
    """Training steps of every mixture, and of every adapter that models are composed of."""
    n_fine_groups: Groups = 3
    """Groups of `fine_grained`: three aspects each, ten models, or two, fifteen models, in turn."""
    n_nuisance_groups: Groups = 3
    """Groups of `nuisance` and of `nuisance_free`: six, ten and fifteen models in turn."""
    rate_factor: Annotated[float, Gt(0), Le(1000)] = 1.0
    """Multiplies the generator's learning rate: fewer steps need larger ones."""
    averages: bool = True
    """Whether levels keep the generator's running average of weights; a few steps have none to speak of."""
    oracle_steps: Annotated[int, Ge(0)] = 40
    """Training steps of the models from which `oracle_probe` learns, one for each aspect of the plan; 0 = none."""
    n_images: Count = 128
    """Training images of every personalized model, or as many as every aspect of the corpus has."""
    n_prompts: Annotated[int, Ge(1), Le(10_000)] = 32
    """Prompts that base and personalized model are compared on; of many more the miniature world repeats itself."""
    expected: dict[str, Expected] = field(default_factory=dict)
    """What the preset costs, by scenario; printed by `list preset` and `--dry-run`."""
