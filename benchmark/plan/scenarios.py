"""Scenarios: pure functions from settings to groups of trials with a known truth (paper §6, App. C)."""

from collections.abc import Callable

from benchmark.config.settings import ScenarioConfig, Settings
from benchmark.plan.ground import Ground, Prompts, shared_probe
from benchmark.plan.multi_aspect import multi_aspect
from benchmark.plan.single_aspect import single_aspect
from benchmark.plan.strength import strength
from benchmark.plan.subject import subject
from benchmark.plan.subjects import Subjects
from benchmark.plan.trials import Group
from benchmark.plan.versions import versions

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
