"""Which order of trial and which `e_ortho` FineXL admits concepts by: every order at every threshold, on development.

The VLM is asked once about each model; what it named is then admitted in every way, read and scored as in a run. The
choice is the order of the highest mean accuracy over all thresholds, since a single cell of so few models may be luck,
and in that order the middle of the thresholds that are within one wish of the best. Random orders show what an order
that nobody chose is worth; they cannot be chosen.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from random import Random
from statistics import fmean
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

from benchmark.config.settings import Settings, public_settings
from benchmark.explain.explaining import blind_pairs
from benchmark.plan.trials import Group
from benchmark.read.readers import Reader, read_each
from benchmark.run.stages import BaseUnit, ModelUnit
from benchmark.run.workbench import SettingsWorkbench
from benchmark.score.facts import TIE
from benchmark.score.selection_accuracy import selection_credits
from benchmark.tune.development import Development, make
from finexl.settings import FineXLSettings, Order
from finexl.values import AnyExplanation, NoExplanation, ScoredExplanation

if TYPE_CHECKING:
    from torch import Tensor

    from finexl.explainer import PaperFineXL

E_ORTHO = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0)
ORDERS: tuple[Order, ...] = get_args(Order)
N_SHUFFLES = 10
RANDOM = "random"


class Proposed(NamedTuple):
    """What is known of one model before anything is admitted."""

    named: dict[str, int]
    """How often each concept was named, first named first."""
    failure: str | None
    v: "Tensor"
    vectors: "Tensor"
    """Of the named concepts in alphabetical order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """How right one way of admission was."""

    order: str
    """An `Order`, or `random`."""
    e_ortho: float
    accuracies: tuple[float, ...]
    """SelectionAccuracy by group; of random orders the mean over shuffles."""
    low: float
    high: float
    """Least and largest mean over groups among shuffles; the mean itself where there is one order."""
    n_claims: float
    """Claims of an explanation, on average."""

    @property
    def accuracy(self) -> float:
        """Mean over groups."""
        return fmean(self.accuracies)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """Every order at every threshold."""

    groups: tuple[str, ...]
    chance: float
    cells: tuple[Cell, ...]

    @property
    def chosen(self) -> tuple[Order, float]:
        """The order and the threshold to take."""
        order = max(ORDERS, key=lambda order: fmean(cell.accuracy for cell in self.of(order)))
        best = max(cell.accuracy for cell in self.of(order))
        wish = self.chance / len(self.groups)  # what one wish more or less changes
        plateau = [cell.e_ortho for cell in self.of(order) if cell.accuracy >= best - wish - TIE]
        return order, plateau[(len(plateau) - 1) // 2]

    def of(self, order: str) -> list[Cell]:
        """The cells of an order."""
        return [cell for cell in self.cells if cell.order == order]

    def as_json(self, settings: Settings) -> dict[str, Any]:
        """What is kept: the choice, the cells, and what models and words came from."""
        order, e_ortho = self.chosen
        public = public_settings(settings)
        return {
            "chosen": {"order": order, "e_ortho": e_ortho},
            "metric": "selection_accuracy",
            "chance": self.chance,
            "groups": list(self.groups),
            "cells": [{**asdict(cell), "accuracy": cell.accuracy} for cell in self.cells],
            "settings": {name: public[name] for name in ("preset", "generator", "encoder", "vlm")},
        }


def lines(found: Sweep) -> Iterator[str]:
    """A sweep as a table: accuracies by order and threshold, then the choice."""
    yield f"{'order':14s}" + "".join(f"{e_ortho:>6g}" for e_ortho in E_ORTHO) + "   mean"
    for order in (*ORDERS, RANDOM):
        values = [cell.accuracy for cell in found.of(order)]
        yield f"{order:14s}" + "".join(f"{value:6.2f}" for value in values) + f" {fmean(values):6.2f}"
    order, e_ortho = found.chosen
    yield f"Chosen: order={order} e_ortho={e_ortho:g} ({len(found.groups)} pairs, chance {found.chance:.2f})."


def sweep(settings: Settings, tell: Callable[[str], None]) -> Sweep:
    """Make the development models, ask about each once, and admit in every way; `tell` hears how far it is."""
    bench = SettingsWorkbench(settings)
    plan = Development(settings=settings, corpus=bench.corpus, generator_id=bench.workshop.generator_id)
    groups = plan.lattices()
    units = [
        ModelUnit(variants=(trial.variant,), probe=group.probe) for group in groups for trial in group.trials
    ]
    make([[BaseUnit(probe=groups[0].probe)], units], settings, tell)
    proposed: list[list[Proposed]] = []
    explainer = bench.explainer("finexl_paper").explainer
    for group in groups:
        proposed.append(propose(explainer, bench, group))  # type: ignore[arg-type]  # the name says which
        tell(f"asked about {group.id}")
    judge = Judge(groups=groups, reader=bench.reader(), corpus_aspects=bench.corpus_aspects)
    return Sweep(
        groups=tuple(group.id for group in groups),
        chance=1 / len(groups[0].trials),
        cells=tuple(cells(proposed, judge, given=explainer.settings)),  # type: ignore[attr-defined]
    )


def propose(explainer: "PaperFineXL", bench: SettingsWorkbench, group: Group) -> list[Proposed]:
    """What the explainer's VLM names for each model, and the vectors of these concepts."""
    from finexl.concepts import concept_vectors
    from finexl.discovery import discover
    from finexl.divergence import divergence

    found = []
    for trial in group.trials:
        pairs = blind_pairs(group.probe.prompts, *bench.images(trial, group.probe))
        said = discover(pairs, vlm=explainer.vlm, settings=explainer.settings)
        v = divergence(pairs, encoder=explainer.encoder)
        vectors = (
            concept_vectors(
                sorted(said.concepts),
                pairs.prompts,
                encoder=explainer.encoder,
                template=explainer.settings.template,
            )
            if said.concepts
            else v.new_empty(0, len(v))
        )
        named = dict(zip(said.concepts, said.times_named, strict=True))
        found.append(Proposed(named=named, failure=said.failure, v=v, vectors=vectors))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """Reads and scores explanations of the development groups as a run would."""

    groups: Sequence[Group]
    reader: Reader
    corpus_aspects: tuple[str, ...]

    def accuracies(self, said: Sequence[Sequence[AnyExplanation]]) -> tuple[float, ...]:
        """SelectionAccuracy of every group."""
        return tuple(self._accuracy(group, one) for group, one in zip(self.groups, said, strict=True))

    def _accuracy(self, group: Group, said: Sequence[AnyExplanation]) -> float:
        readings = read_each(self.reader, said, group.aspects, corpus_aspects=self.corpus_aspects)
        values = [None if reading is None else reading.values for reading in readings]
        return fmean(selection_credits(values, [trial.truth for trial in group.trials]))


def cells(proposed: Sequence[Sequence[Proposed]], judge: Judge, *, given: FineXLSettings) -> Iterator[Cell]:
    """Every order at every threshold, random orders last."""
    from finexl.orthogonality import trial_order

    def rows(one: Proposed, order: Order) -> tuple[int, ...]:
        return trial_order(one.v, one.vectors, named=one.named, order=order)

    def shuffled(one: Proposed, number: int) -> tuple[int, ...]:
        mixed = list(range(len(one.vectors)))
        Random(f"{number} {sorted(one.named)}").shuffle(mixed)
        return tuple(mixed)

    orders = {order: [[[rows(one, order) for one in group] for group in proposed]] for order in ORDERS}
    mixed = [[[shuffled(one, number) for one in group] for group in proposed] for number in range(N_SHUFFLES)]
    for order, ways in {**orders, RANDOM: mixed}.items():
        for e_ortho in E_ORTHO:
            settings = replace(given, e_ortho=e_ortho)
            said = [
                [
                    [_admitted(*each, settings) for each in zip(group, tried, strict=True)]
                    for group, tried in zip(proposed, way, strict=True)
                ]
                for way in ways
            ]
            found = [judge.accuracies(one) for one in said]
            means = [fmean(one) for one in found]
            counts = [
                len(one.claims)
                for way in said
                for group in way
                for one in group
                if isinstance(one, ScoredExplanation)
            ]
            yield Cell(
                order=order,
                e_ortho=e_ortho,
                accuracies=tuple(fmean(of_group) for of_group in zip(*found, strict=True)),
                low=min(means),
                high=max(means),
                n_claims=fmean(counts) if counts else 0.0,
            )


def _admitted(one: Proposed, tried: Sequence[int], settings: FineXLSettings) -> AnyExplanation:
    from finexl.explainer import explain_in_order

    if one.failure:
        return NoExplanation(reason=one.failure)
    names = sorted(one.named)
    return explain_in_order(one.v, [names[row] for row in tried], one.vectors[list(tried)], settings=settings)
