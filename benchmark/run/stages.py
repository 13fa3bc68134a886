"""Units of work and how each is done: base images, models, certificates, explanations, readings, grids.

A unit is a small frozen value that any process can do: everything heavy is opened there, once per process, by
the opener that comes with the unit, and stays in the store. What a unit finds comes back as a record.
"""

import pickle
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import ClassVar, Protocol, runtime_checkable

from benchmark.certify.certifier import Certifier
from benchmark.certify.divergence import measured_divergence
from benchmark.certify.pyramid import pyramid_statistics
from benchmark.certify.verdicts import is_certified
from benchmark.explain.explaining import MeteredExplainer, Pixels, blind_pairs, explain_metered
from benchmark.plan.trials import Evidence, Group, Probe, Trial, label, origin
from benchmark.read.readers import Reader, read_each
from benchmark.record.records import (
    CertificateKey,
    CertificateRecord,
    ExplanationKey,
    ExplanationRecord,
    ReadingKey,
    ReadingRecord,
    Record,
)
from benchmark.show.images import Grid, draw_grid
from finetune.recipe import Composed, Recipe, Variant, recipes_of
from finexl.notices import Notice, collected
from finexl.values import AnyExplanation


@runtime_checkable
class Workbench(Protocol):
    """Everything that a unit needs, in the process that does it."""

    def make_base(self, probe: Probe, *, since: float) -> None:
        """Make the base model's images of a probe, unless the store has them from after `since`."""
        ...

    def make_personalized(self, variants: tuple[Variant, ...], probe: Probe, *, since: float) -> None:
        """Train what must be trained and make every model's images, unless the store has them from after `since`."""
        ...

    def make_adapter(
        self, recipe: Recipe, variants: tuple[Variant, ...], probe: Probe, *, since: float
    ) -> None:
        """Train what models are composed of, unless the store has all their images from after `since`."""
        ...

    def images(self, trial: Trial, probe: Probe) -> tuple[Pixels, Pixels]:
        """Base and personalized images of a probe, both made before."""
        ...

    def learn(self, probe: str, *, since: float) -> None:
        """Train a probe, one of `PROBES`, unless the store has one from after `since`; its images were made before."""
        ...

    def certifier(self) -> Certifier: ...

    def unchanged(self, probe: Probe) -> tuple[Pixels, Pixels]:
        """The base model's images of a probe's prompts from the probe's noise and from other, both made before."""
        ...

    def explainer(self, name: str) -> MeteredExplainer:
        """An explainer without memory of earlier groups, and its meter."""
        ...

    def reader(self) -> Reader: ...


Opener = Callable[[], Workbench]


@runtime_checkable
class Unit(Protocol):
    """A piece of work."""

    stage: ClassVar[str]

    @property
    def label(self) -> str:
        """The unit in a few words, for people."""
        ...

    def do(self, bench: Workbench) -> Record | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseUnit:
    """Make the base images of a probe."""

    stage: ClassVar[str] = "base images"
    probe: Probe
    since: float = 0.0
    """Base images from before this time, in seconds since 1970, are made again."""

    @property
    def label(self) -> str:
        return f"{len(self.probe.prompts)} prompts"

    def do(self, bench: Workbench) -> None:
        bench.make_base(self.probe, since=self.since)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelUnit:
    """Make models that come from the same work, a training run say, and their images."""

    stage: ClassVar[str] = "models"
    variants: tuple[Variant, ...]
    probe: Probe
    since: float = 0.0
    """Models and images from before this time, in seconds since 1970, are made again."""

    @property
    def label(self) -> str:
        return origin(self.variants[0])

    def do(self, bench: Workbench) -> None:
        bench.make_personalized(self.variants, self.probe, since=self.since)


PROBES = ("certifier", "oracle_probe")
"""What learns from images of development data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnUnit:
    """Train a probe."""

    stage: ClassVar[str] = "probes"
    probe: str
    """One of `PROBES`."""
    since: float = 0.0
    """A probe from before this time, in seconds since 1970, is trained again."""

    @property
    def label(self) -> str:
        return self.probe

    def do(self, bench: Workbench) -> None:
        bench.learn(self.probe, since=self.since)


@dataclass(frozen=True, slots=True, kw_only=True)
class AdapterUnit:
    """Train an adapter that several models are composed of, so that these need not wait for each other."""

    stage: ClassVar[str] = "adapters"
    recipe: Recipe
    variants: tuple[Variant, ...]
    """The models that are composed of it."""
    probe: Probe
    since: float = 0.0
    """Adapters from before this time, in seconds since 1970, are trained again."""

    @property
    def label(self) -> str:
        return " + ".join(self.recipe.aspects)

    def do(self, bench: Workbench) -> None:
        bench.make_adapter(self.recipe, self.variants, self.probe, since=self.since)


def adapter_units(models: Iterable[tuple[Variant, Probe]], *, since: float = 0.0) -> list[AdapterUnit]:
    """A unit for each adapter that models are composed of, done before the models, or these wait for each other."""
    composed_of: dict[tuple[Recipe, Probe], dict[Variant, None]] = {}
    for variant, probe in models:
        for recipe in recipes_of(variant) if isinstance(variant, Composed) else ():
            composed_of.setdefault((recipe, probe), {})[variant] = None
    return [
        AdapterUnit(recipe=recipe, variants=tuple(variants), probe=probe, since=since)
        for (recipe, probe), variants in composed_of.items()
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class CertifyUnit:
    """Measure how far each model of a group is from its base and how much of each aspect it shows."""

    stage: ClassVar[str] = "certificates"
    group: Group
    key: CertificateKey

    @property
    def label(self) -> str:
        return self.group.id

    def do(self, bench: Workbench) -> CertificateRecord:
        aspects, certifier = self.key.aspects, bench.certifier()
        base, other = bench.unchanged(self.group.probe)
        plain = pyramid_statistics(base)
        models = [bench.images(trial, self.group.probe)[1] for trial in self.group.trials]
        estimates = [certifier.amounts(pyramid_statistics(images) - plain, aspects) for images in models]
        floors = certifier.floors(pyramid_statistics(other) - plain, aspects)
        found = zip(zip(*self.key.levels, strict=True), zip(*estimates, strict=True), floors, strict=True)
        return CertificateRecord(
            key=self.key,
            group=self.group.id,
            divergences=tuple(measured_divergence(base, images) for images in models),
            estimates=tuple(estimates),
            floors=floors,
            certified_aspects=tuple(is_certified(*of_one) for of_one in found),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainUnit:
    """Show a group's pairs to an explainer, blind, and keep what it says."""

    stage: ClassVar[str] = "explanations"
    explainer: str
    group: Group
    key: ExplanationKey

    @property
    def label(self) -> str:
        return f"{self.explainer} on {self.group.id}"

    def do(self, bench: Workbench) -> ExplanationRecord:
        probe, metered = self.group.probe, bench.explainer(self.explainer)
        ours, theirs = part_of(self.group.evidence)
        made = [bench.images(trial, probe) for trial in self.group.trials]
        pairs = [blind_pairs(probe.prompts[ours], base[ours], other[theirs]) for base, other in made]
        said, cost = explain_metered(metered, pairs)
        return ExplanationRecord(
            key=self.key,
            explainer=self.explainer,
            group=self.group.id,
            said=said,
            cost=cost,
            unanswered=metered.meter.unanswered,
        )


def part_of(evidence: Evidence | None) -> tuple[slice, slice]:
    """Where what explainers are shown lies among what was made: base images with their prompts, personalized images."""
    if evidence is None:
        return slice(None), slice(None)
    n, first = evidence.n_pairs, evidence.apart
    return slice(n), slice(first, first + n)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadUnit:
    """Read what an explainer said of a group."""

    stage: ClassVar[str] = "readings"
    explainer: str
    group: Group
    key: ReadingKey
    said: tuple[AnyExplanation, ...]

    @property
    def label(self) -> str:
        return f"{self.explainer} on {self.group.id}"

    def do(self, bench: Workbench) -> ReadingRecord:
        key, group = self.key, self.group.id
        readings = read_each(bench.reader(), self.said, key.aspects, corpus_aspects=key.corpus_aspects)
        return ReadingRecord(key=key, explainer=self.explainer, group=group, readings=readings)


@dataclass(frozen=True, slots=True, kw_only=True)
class GridUnit:
    """Draw the images of a group for people: the base model's, then every model's, labelled with the truth."""

    stage: ClassVar[str] = "image grids"
    group: Group
    grid: Grid

    @property
    def label(self) -> str:
        return self.group.id

    def do(self, bench: Workbench) -> None:
        group, probe = self.group, self.group.probe
        columns = list(group.pictured)
        rows = [("base", bench.images(group.trials[0], probe)[0][columns])]
        rows += [(label(trial, group), bench.images(trial, probe)[1][columns]) for trial in group.trials]
        draw_grid(self.grid, prompts=[probe.prompts[column] for column in columns], rows=rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a unit of work found, and what it told meanwhile."""

    record: Record | None
    notices: tuple[Notice, ...]
    seconds: float
    """What it took, once everything was open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doer:
    """A function of one unit that travels to workers and opens its workbench there, once per process."""

    opener: Opener = field(repr=False)

    def __call__(self, unit: Unit) -> Done:
        with collected() as told:
            bench = _opened(self.opener)
            start = time.monotonic()
            record = unit.do(bench)
            seconds = time.monotonic() - start
        notices = tuple(told.values())
        record = record.model_copy(update={"notices": notices}) if record else None
        return Done(record=record, notices=notices, seconds=seconds)


_open: dict[bytes, Workbench] = {}


def _opened(opener: Opener) -> Workbench:
    key = pickle.dumps(opener)
    if key not in _open:
        _open.clear()
        _open[key] = opener()
    return _open[key]
