"""Units of work and how each is done: base images, models, truth certification, explanations, grids.

A unit is a small frozen value that any process can do: everything heavy is opened there, once per process, by
the opener that comes with the unit, and stays in the store.
"""

import pickle
from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter
from typing import Protocol, assert_never, runtime_checkable

from benchmark.explain.explaining import Contestant, Pixels, blind_pairs, explain_blind, trial_record
from benchmark.explain.memory import peak_memory_mb
from benchmark.plan.trials import Group, Probe, Trial
from benchmark.read.readers import Reader
from benchmark.record.records import Cost, GroupRecord, Provenance
from benchmark.score.certification import is_certified, measured_divergence
from benchmark.show.images import Grid, draw_grid
from finetune.recipe import Edited, Released, Trained, Variant


@runtime_checkable
class Workbench(Protocol):
    """Everything that a unit needs, in the process that does it."""

    def make_base(self, probe: Probe) -> None:
        """Make the base model's images of a probe, unless the store has them."""
        ...

    def make_personalized(self, variants: tuple[Variant, ...], probe: Probe) -> None:
        """Train what must be trained and make the images of every model, unless the store has them."""
        ...

    def images(self, trial: Trial, probe: Probe) -> tuple[Pixels, Pixels]:
        """Base and personalized images of a probe, both made before."""
        ...

    @property
    def corpus_aspects(self) -> tuple[str, ...]: ...

    def contestant(self, explainer: str) -> Contestant:
        """An explainer without memory of earlier groups, and its meter."""
        ...

    def reader(self) -> Reader: ...


Opener = Callable[[], Workbench]


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseUnit:
    """Make the base images of a probe."""

    probe: Probe


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelUnit:
    """Make models that come from the same work, a training run say, and their images."""

    variants: tuple[Variant, ...]
    probe: Probe


@dataclass(frozen=True, slots=True, kw_only=True)
class TruthUnit:
    """Measure how far each model of a group is from its base."""

    group: Group


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What certification found for a group, in trial order."""

    divergences: tuple[float, ...]
    certified: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainUnit:
    """Let one explainer explain one group."""

    explainer: str
    group: Group
    truth: Truth
    provenance: Provenance


@dataclass(frozen=True, slots=True, kw_only=True)
class GridUnit:
    """Draw the images of a group for people."""

    group: Group
    grid: Grid


Unit = BaseUnit | ModelUnit | TruthUnit | ExplainUnit | GridUnit
Done = Truth | GroupRecord | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Doer:
    """A function of one unit that travels to workers and opens its workbench there, once per process."""

    opener: Opener = field(repr=False)

    def __call__(self, unit: Unit) -> Done:
        bench = _opened(self.opener)
        match unit:
            case BaseUnit():
                bench.make_base(unit.probe)
            case ModelUnit():
                bench.make_personalized(unit.variants, unit.probe)
            case TruthUnit():
                return certify(unit.group, bench)
            case ExplainUnit():
                return explain(unit, bench)
            case GridUnit():
                draw(unit, bench)
            case _:
                assert_never(unit)
        return None


_open: dict[bytes, Workbench] = {}


def _opened(opener: Opener) -> Workbench:
    key = pickle.dumps(opener)
    if key not in _open:
        _open.clear()
        _open[key] = opener()
    return _open[key]


def certify(group: Group, bench: Workbench) -> Truth:
    """Measure every model of a group; a ladder of levels is certified when the measure grows with it."""
    divergences = tuple(measured_divergence(*bench.images(trial, group.probe)) for trial in group.trials)
    if not group.is_ladder:
        return Truth(divergences=divergences, certified=True)
    levels = [trial.truth[0] for trial in group.trials]
    return Truth(divergences=divergences, certified=is_certified(levels, divergences))


def explain(unit: ExplainUnit, bench: Workbench) -> GroupRecord:
    """Show a group's pairs to an explainer, blind, read what it says, and keep everything."""
    group, contestant, reader = unit.group, bench.contestant(unit.explainer), bench.reader()
    pairs = tuple(
        blind_pairs(group.probe.prompts, *bench.images(trial, group.probe)) for trial in group.trials
    )
    start = perf_counter()
    explanations = explain_blind(contestant.explainer, pairs)
    seconds = perf_counter() - start
    trials = tuple(
        trial_record(
            trial,
            explanation,
            divergence=divergence,
            reader=reader,
            question=(group.aspects, bench.corpus_aspects),
        )
        for trial, explanation, divergence in zip(
            group.trials, explanations, unit.truth.divergences, strict=True
        )
    )
    return GroupRecord(
        scenario=group.scenario,
        group=group.id,
        aspects=group.aspects,
        explainer=unit.explainer,
        trials=trials,
        certified=unit.truth.certified,
        provenance=unit.provenance,
        cost=Cost(
            seconds=seconds,
            vlm_calls=contestant.meter.n_calls,
            vlm_tokens=contestant.meter.n_tokens,
            cut_texts=contestant.meter.n_cut_texts,
            peak_memory_mb=peak_memory_mb(),
        ),
    )


def draw(unit: GridUnit, bench: Workbench) -> None:
    """Write a group's grid: the base images, then every model's, labelled with the truth."""
    group = unit.group
    base, _ = bench.images(group.trials[0], group.probe)
    rows = [
        ("base", base),
        *((label(trial, group), bench.images(trial, group.probe)[1]) for trial in group.trials),
    ]
    draw_grid(unit.grid, prompts=group.probe.prompts, rows=rows)


def label(trial: Trial, group: Group) -> str:
    """The truth of a trial in words, for people only: `vivid 3`, `sepia 1, grainy 0` or `v21 (vivid 2)`."""
    levels = ", ".join(f"{aspect} {level}" for aspect, level in zip(group.aspects, trial.truth, strict=True))
    if isinstance(trial.variant, Released):
        return f"{trial.variant.version} ({levels})" if levels else trial.variant.version
    return levels


def origin(variant: Variant) -> str:
    """The work that a model comes from, in words: models of one origin are made together."""
    match variant:
        case Trained(recipe=recipe):
            return f"{' + '.join(recipe.aspects)} {recipe.mixture.parts}"
        case Edited(direction=direction):
            return f"edits along {direction}"
        case Released(version=version):
            return f"version {version}"
        case _:
            assert_never(variant)
