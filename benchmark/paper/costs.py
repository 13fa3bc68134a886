"""What tables and figures would take: every run once, with what its store lacks, and minutes on two cores."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from benchmark.config.settings import Settings
from benchmark.paper.desk import Desk
from benchmark.paper.making import runs_of
from benchmark.paper.specification import Specification
from benchmark.run.preview import estimated
from benchmark.run.workbench import SettingsWorkbench
from finexl.errors import FinexlError
from finexl.explain.folding import counted

SLOWNESS = {
    "miniature_sd": 1.0,
    "miniature_controlgan": 1.0,
    "miniature_anole": 1.0,
    "miniature_portraits": 1.0,
}
"""Minutes of a generator for those that presets state for `single_aspect` with miniature_sd."""
_UNTRAINED = {"subject": 0.5, "versions": 0.1}
"""The same of scenarios that train nothing."""
_ASKING = 0.06
"""The share of a scenario's minutes that one more explainer takes where models and images are made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCost:
    """What one run would take."""

    name: str
    explainers: tuple[str, ...]
    n_models: int
    missing: float
    """Share of image sets that the store lacks."""
    minutes: float | None
    """On two cores for what is missing; None where nobody measured it."""
    vlm_calls: int
    needed_by: tuple[str, ...]
    why: str = ""
    """Why it cannot be done; "" where it can."""


def costs_of(specs: Iterable[Specification], desk: Desk) -> Iterator[RunCost]:
    """Every run of some tables and figures; runs that share models are counted with them once.

    Raises:
        InvalidInputError: A key is not one of a table or figure, or its value is none that it takes.
    """
    runs: dict[tuple[str, ...], tuple[Settings, list[str]]] = {}
    for spec in specs:
        of_spec = [*runs_of(spec, desk)]
        if not of_spec:
            desk.asked.settings(spec, ())  # who runs nothing needs settings that are sound too
        for settings in of_spec:
            said = (settings.output.name, *(f"{each.name} {each.options}" for each in settings.explainers))
            runs.setdefault(said, (settings, []))[1].append(spec.heading)
    made: set[str] = set()
    for settings, needed_by in runs.values():
        try:
            yield _cost(settings, tuple(needed_by), is_made=settings.output.name in made)
        except FinexlError as error:
            yield _none(settings, tuple(needed_by), why=str(error))
        made.add(settings.output.name)


def cost_lines(costs: Iterable[RunCost]) -> Iterator[str]:
    """Costs for people, with the sum."""
    total, unknown, calls = 0.0, 0, 0
    for cost in costs:
        needed_by = ", ".join(dict.fromkeys(cost.needed_by))
        if cost.why:
            yield f"  {cost.name}: cannot be done: {cost.why} For {needed_by}"
            continue
        minutes = "nobody measured the minutes" if cost.minutes is None else f"about {cost.minutes:.1f} min"
        total, unknown, calls = (
            total + (cost.minutes or 0.0),
            unknown + (cost.minutes is None),
            calls + cost.vlm_calls,
        )
        yield (
            f"  {cost.name}: {counted(cost.n_models, 'model')}, {1 - cost.missing:.0%} in the store, {minutes}, "
            f"at most {cost.vlm_calls} VLM calls; explainers: {len(cost.explainers)}; for {needed_by}"
        )
    yield (
        f"In all about {total:.0f} min on two cores for what is missing, at most {calls} VLM calls"
        + (f"; {counted(unknown, 'run')} without known minutes" if unknown else "")
        + "."
    )


def _cost(settings: Settings, needed_by: tuple[str, ...], *, is_made: bool) -> RunCost:
    bench = SettingsWorkbench(settings)
    groups = bench.groups()
    found = [estimated(settings, scenario.name, groups, bench.workshop) for scenario in settings.scenarios]
    minutes = [
        _minutes(settings, scenario.name, one.missing)
        for scenario, one in zip(settings.scenarios, found, strict=True)
    ]
    known = [each for each in minutes if each is not None]
    asking = [_minutes(settings, scenario.name, _ASKING) for scenario in settings.scenarios]
    again = sum(each or 0.0 for each in asking) * len(settings.explainers)
    return RunCost(
        name=settings.output.name,
        explainers=tuple(each.name for each in settings.explainers),
        n_models=sum(one.n_models for one in found),
        missing=0.0 if is_made else max(one.missing for one in found),
        minutes=None if len(known) < len(minutes) else again if is_made else sum(known),
        vlm_calls=sum(one.vlm_calls for one in found),
        needed_by=needed_by,
    )


def _none(settings: Settings, needed_by: tuple[str, ...], *, why: str) -> RunCost:
    return RunCost(
        name=settings.output.name,
        explainers=tuple(each.name for each in settings.explainers),
        n_models=0,
        missing=0.0,
        minutes=None,
        vlm_calls=0,
        needed_by=needed_by,
        why=why,
    )


def _minutes(settings: Settings, scenario: str, missing: float) -> float | None:
    expected = settings.preset.expected
    if scenario in _UNTRAINED and "single_aspect" in expected:
        return expected["single_aspect"].minutes * _UNTRAINED[scenario] * missing
    slowness = SLOWNESS.get(settings.generator.name)
    if scenario not in expected or slowness is None:
        return None
    return expected[scenario].minutes * slowness * missing
