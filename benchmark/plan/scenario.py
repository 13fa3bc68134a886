"""What a scenario is: a question with its plan, its scoring and its size, all in one file."""

from collections.abc import Callable
from dataclasses import dataclass

from benchmark.parts.strictness import Count, settings
from benchmark.plan.ground import Ground
from benchmark.plan.preset import PresetConfig
from benchmark.plan.trials import Group
from benchmark.score.scoring import Scoring


@settings
class ScenarioConfig:
    """A question that is asked of explainers; its plan and scoring are looked up by `name` in `SCENARIOS`."""

    name: str
    generator: str | None = None
    """The choice of generator that the scenario calls for; taken where the command line names none."""
    corpus: str | None = None
    """The choice of corpus that the scenario calls for; taken where the command line names none."""
    method: str | None = None
    """The `generator.method` that the scenario calls for; taken where neither command line nor generator names one."""
    whole: Count = 1
    """Mixtures are counted in `whole`-ths of the training images, or of an adapter's weight: 2 = halves (Fig. 11)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A pure function from settings to groups of trials with a known truth, and how answers are scored."""

    about: str
    """A line for people."""
    plan: Callable[[ScenarioConfig, Ground], tuple[Group, ...]]
    scoring: Scoring
    size: Callable[[PresetConfig], str]
    """What it takes of a preset, in words; "" where the generator decides."""


def series(preset: PresetConfig) -> str:
    """The size of scenarios whose groups are levels of one aspect."""
    return f"{preset.n_series} x {preset.n_levels} models"
