"""Every scenario, and the plan of a run: groups of trials with a known truth (paper §6, App. C)."""

from collections.abc import Iterable, Sequence
from typing import Protocol, runtime_checkable

from benchmark.plan.fine_grained import FINE_GRAINED
from benchmark.plan.ground import Ground, Planned, Prompts, shared_probe
from benchmark.plan.multi_aspect import MULTI_ASPECT
from benchmark.plan.nuisance import NUISANCE
from benchmark.plan.scenario import Scenario, ScenarioConfig
from benchmark.plan.single_aspect import SINGLE_ASPECT
from benchmark.plan.strength import STRENGTH
from benchmark.plan.subject import SUBJECT
from benchmark.plan.subjects import Subjects
from benchmark.plan.trials import Group
from benchmark.plan.versions import VERSIONS
from benchmark.score.scoring import Scoring

SCENARIOS: dict[str, Scenario] = {
    "fine_grained": FINE_GRAINED,
    "multi_aspect": MULTI_ASPECT,
    "nuisance": NUISANCE,
    "single_aspect": SINGLE_ASPECT,
    "strength": STRENGTH,
    "subject": SUBJECT,
    "versions": VERSIONS,
}


@runtime_checkable
class Asked(Planned, Protocol):
    """The part of a run's settings that its plan depends on, and the scenarios."""

    @property
    def scenarios(self) -> Sequence[ScenarioConfig]: ...


def plan(settings: Asked, *, generator_id: str, prompts: Prompts, subjects: Subjects) -> tuple[Group, ...]:
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
        group for scenario in settings.scenarios for group in SCENARIOS[scenario.name].plan(scenario, ground)
    )


def scorings_of(groups: Iterable[Group]) -> dict[str, Scoring]:
    """How the scenarios of some groups are scored, in the order of the groups."""
    return {group.scenario: SCENARIOS[group.scenario].scoring for group in groups}
