"""Development models as embeddings: each is made, asked about and embedded once, so that settings are arithmetic.

Trained ones are lattices of pairs and ladders of single aspects; painted ones are the same for every pair and aspect
(`painted.py`). Beside them are the base model with other noise, and changes that no word names.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmark.config.settings import Settings
from benchmark.explain.explaining import Pixels, blind_pairs
from benchmark.plan.trials import Group
from benchmark.read.readers import Reader
from benchmark.run.probing import other_noise
from benchmark.run.stages import BaseUnit, ModelUnit
from benchmark.run.workbench import SettingsWorkbench
from benchmark.tune.development import WHOLE, Development, make
from benchmark.tune.painted import NAMELESS, mixture
from finetune.recipe import lattice

if TYPE_CHECKING:
    from finexl.robust.explaining import Embedded

N_LEVELS = 10
"""Of a painted ladder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """The models of a lattice or ladder as embeddings."""

    id: str
    aspects: tuple[str, ...]
    truths: Sequence[tuple[int, ...]]
    """Level of each aspect, model by model."""
    models: Sequence["Embedded"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """Models that came about in one way."""

    lattices: Sequence[Models]
    ladders: Sequence[Models]

    @property
    def n_models(self) -> int:
        """In all."""
        return sum(len(one.models) for one in (*self.lattices, *self.ladders))


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """Development models as embeddings, and who reads what is said of them."""

    trained: Material
    painted: Material
    unchanged: Sequence["Embedded"]
    nameless: Sequence["Embedded"]
    """Changed in ways that no word names."""
    reader: Reader
    corpus_aspects: tuple[str, ...]


def study(settings: Settings, tell: Callable[[str], None]) -> Study:
    """Make the development models, ask about and embed each once; `tell` hears how far it is."""
    bench = SettingsWorkbench(settings)
    plan = Development(settings=settings, corpus=bench.corpus, generator_id=bench.workshop.generator_id)
    lattices, ladders, probe = plan.lattices(), plan.ladders(), plan.probe
    bases = [BaseUnit(probe=probe), BaseUnit(probe=other_noise(probe))]
    # a mixture is a training run of its own, and a ladder one that is kept at every level
    runs = [(trial.variant,) for group in lattices for trial in group.trials]
    runs += [tuple(trial.variant for trial in group.trials) for group in ladders]
    make([bases, [ModelUnit(variants=run, probe=probe) for run in runs]], settings, tell)
    explainer: Any = bench.explainer("finexl_grounded").explainer
    base, again = bench.unchanged(probe)

    def embedded(tuned: Pixels) -> "Embedded":
        return explainer.embedded(blind_pairs(probe.prompts, base, tuned))[0]

    def trained(group: Group) -> Models:
        tell(f"ask and embed: {group.id}")
        models = [embedded(bench.images(trial, probe)[1]) for trial in group.trials]
        return Models(
            id=group.id, aspects=group.aspects, truths=[trial.truth for trial in group.trials], models=models
        )

    def painted(aspects: tuple[str, ...], truths: Sequence[tuple[int, ...]], *, whole: int) -> Models:
        tell(f"paint, ask and embed: {' and '.join(aspects)}")
        models = [
            embedded(mixture(base, dict(zip(aspects, np.array(parts) / whole, strict=True)), seed=seed))
            if any(parts)
            else unchanged
            for seed, parts in enumerate(truths)
        ]
        return Models(id=f"painted/{'+'.join(aspects)}", aspects=aspects, truths=truths, models=models)

    unchanged = embedded(again)
    mixtures = [one.parts for one in lattice(2, WHOLE)]
    levels = [(level,) for level in range(1, N_LEVELS + 1)]
    return Study(
        trained=Material(
            lattices=[trained(group) for group in lattices], ladders=[trained(group) for group in ladders]
        ),
        painted=Material(
            lattices=[painted(pair, mixtures, whole=WHOLE) for pair in combinations(plan.aspects, 2)],
            ladders=[painted((aspect,), levels, whole=N_LEVELS) for aspect in plan.aspects],
        ),
        unchanged=[unchanged],
        nameless=[embedded(np.ascontiguousarray(change(base))) for change in NAMELESS.values()],
        reader=bench.reader(),
        corpus_aspects=bench.corpus_aspects,
    )
