"""Every scenario, and the plan of a run: groups of trials with a known truth (paper §6, App. C)."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Protocol, runtime_checkable

from benchmark.plan.fine_grained import FINE_GRAINED
from benchmark.plan.ground import Ground, Planned, Prompts, shared_probe
from benchmark.plan.multi_aspect import MULTI_ASPECT
from benchmark.plan.nuisance import NUISANCE, NUISANCE_FREE
from benchmark.plan.scenario import Scenario, ScenarioConfig
from benchmark.plan.single_aspect import SINGLE_ASPECT
from benchmark.plan.sparse import SPARSE
from benchmark.plan.strength import STRENGTH
from benchmark.plan.subject import SUBJECT
from benchmark.plan.subjects import Subjects
from benchmark.plan.trials import Evidence, Group
from benchmark.plan.unchanged import UNCHANGED
from benchmark.plan.versions import VERSIONS
from benchmark.score.scoring import LADDER, Scoring
from finexl.errors import InvalidInputError

SCENARIOS: dict[str, Scenario] = {
    "fine_grained": FINE_GRAINED,
    "multi_aspect": MULTI_ASPECT,
    "nuisance": NUISANCE,
    "nuisance_free": NUISANCE_FREE,
    "single_aspect": SINGLE_ASPECT,
    "sparse": SPARSE,
    "strength": STRENGTH,
    "subject": SUBJECT,
    "unchanged": UNCHANGED,
    "versions": VERSIONS,
}


@runtime_checkable
class Asked(Planned, Protocol):
    """The part of a run's settings that its plan depends on, and the scenarios."""

    @property
    def scenarios(self) -> Sequence[ScenarioConfig]: ...

    @property
    def paired(self) -> bool: ...

    @property
    def n_pairs(self) -> int: ...


def plan(settings: Asked, *, generator_id: str, prompts: Prompts, subjects: Subjects) -> tuple[Group, ...]:
    """Every group of a run, in the order of its scenarios; the same settings give the same plan.

    All groups share one probe, so that base images are made once; of it explainers may be shown a part.
    """
    ground = Ground(
        settings=settings,
        generator_id=generator_id,
        probe=shared_probe(settings, prompts),
        subjects=subjects,
    )
    evidence = _evidence(settings)
    groups = tuple(
        replace(group, evidence=evidence)
        for scenario in settings.scenarios
        for group in SCENARIOS[scenario.name].plan(scenario, ground)
    )
    for group in groups:
        if SCENARIOS[group.scenario].scoring is LADDER and len(group.trials) < 2:
            raise InvalidInputError(
                f"`preset.n_levels` must be at least 2 for scenario={group.scenario}: the levels of a series are "
                f"compared with each other. Got {settings.preset.n_levels}. Give preset.n_levels=2 or more."
            )
    return groups


def _evidence(settings: Asked) -> Evidence | None:
    n_prompts = settings.preset.n_prompts
    if settings.paired and settings.n_pairs == n_prompts:
        return None
    # two folders: the personalized one begins in the middle, so that it has no prompt of the base one
    return Evidence(n_pairs=settings.n_pairs, apart=0 if settings.paired else n_prompts // 2)


def scorings_of(groups: Iterable[Group]) -> dict[str, Scoring]:
    """How the scenarios of some groups are scored, in the order of the groups."""
    return {group.scenario: SCENARIOS[group.scenario].scoring for group in groups}
