"""Scenarios: pure functions from settings to groups of trials with a known truth (paper §6, App. C)."""

from collections.abc import Callable

from benchmark.scenarios.ground import Ground, Prompts, shared_probe
from benchmark.scenarios.multi_aspect import multi_aspect
from benchmark.scenarios.single_aspect import single_aspect
from benchmark.scenarios.strength import strength
from benchmark.scenarios.subject import subject
from benchmark.scenarios.versions import versions
from benchmark.settings import ScenarioConfig, Settings
from benchmark.subjects import Subjects
from benchmark.trials import Group

__all__ = ["SCENARIOS", "Ground", "Planner", "Prompts", "plan"]

Planner = Callable[[ScenarioConfig, Ground], tuple[Group, ...]]

SCENARIOS: dict[str, Planner] = {
    "multi_aspect": multi_aspect,
    "single_aspect": single_aspect,
    "strength": strength,
    "subject": subject,
    "versions": versions,
}
"""Every scenario by the name it has in `configs/scenario/`."""


def plan(settings: Settings, *, generator_id: str, prompts: Prompts, subjects: Subjects) -> tuple[Group, ...]:
    """Every group of a run, in the order of its scenarios; the same settings give the same plan.

    All groups share one probe, so that base images are made once.
    """
    ground = Ground(
        settings=settings,
        generator_id=generator_id,
        probe=shared_probe(settings, prompts),
        subjects=subjects,
    )
    return tuple(
        group for scenario in settings.scenarios for group in SCENARIOS[scenario.name](scenario, ground)
    )
