"""What the robust explainer's settings are worth, one ingredient at a time, and which values of them to ship.

Every development model is asked about and embedded once; then each way of explaining is arithmetic, read and scored as
in a run. There are trained lattices, painted ones of all pairs (`painted.py`), the base model with other noise, and
changes that no word names. The choice is the best mean of all scores of `Worth`, and among equals the largest value,
which claims least.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from statistics import fmean
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmark.config.settings import Settings, public_settings
from benchmark.explain.explaining import Pixels, blind_pairs
from benchmark.read.readers import Reader, read_each
from benchmark.record.records import Reading
from benchmark.run.jobs import build_executor
from benchmark.run.probing import other_noise
from benchmark.run.stages import BaseUnit, Doer, ModelUnit
from benchmark.run.workbench import SettingsOpener, SettingsWorkbench
from benchmark.score.claim_f1 import claim_f1
from benchmark.score.claims import Answer, amounts_of
from benchmark.score.comparability import comparability
from benchmark.score.selection_accuracy import selection_credits
from benchmark.score.top_naming import top_naming
from benchmark.tune.development import WHOLE, development_groups
from benchmark.tune.painted import NAMELESS, mixture, pairs
from finetune.recipe import lattice
from finexl.robust.settings import RobustSettings

if TYPE_CHECKING:
    from finexl.robust.explainer import RobustFineXL
    from finexl.robust.explaining import Embedded

GRID: Mapping[str, tuple[float, ...]] = {
    "unseen_cost": (1.0, 1.5, 2.0, 3.0),
    "seen_share": (0.1, 0.15, 0.25, 0.5),
    "penalty": (0.05, 0.1, 0.2, 0.3),
    "least_share": (0.2, 0.3, 0.4),
    "least_gain": (0.02, 0.05, 0.1),
    "least_explained": (0.5, 0.6, 0.7, 0.75, 0.8),
    "explained_per_claim": (0.0, 0.025, 0.05, 0.075, 0.1),
    "least_amount": (0.05, 0.1, 0.15, 0.2, 0.25, 0.3),
}
"""What is chosen; the first is varied first, and each with the others as they were chosen before."""
WITHOUT: Mapping[str, Mapping[str, float | int]] = {
    "all ingredients": {},
    "without grouping of synonyms": {"synonyms": 1.0},
    "what the VLM saw is one more word": {"unseen_cost": 1.0},
    "without a penalty": {"penalty": 0.0},
    "without dropping small claims": {"least_share": 0.0},
    "without a least gain": {"least_gain": 0.0, "opposite_gain": 0.0},
    "“less of” as cheap as “more of”": {"opposite_gain": 0.0},
    "without a least share explained": {"least_explained": 0.0, "explained_per_claim": 0.0},
    "many words as free as one": {"explained_per_claim": 0.0},
    "without a least amount": {"least_amount": 0.0},
    "without false-discovery control": {"false_discovery_rate": 1.0},
    "with pictures of words (`finexl_grounded`)": {"grounded_share": 0.5},
    "with pictures of words in place of texts": {"grounded_share": 1.0},
}
"""One ingredient left out at a time, or put in."""
START = RobustSettings(grounded_share=0.0)
"""Words as texts alone, as every row has them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """How good one way of explaining is, each in [0, 1]."""

    selection: float
    claim_f1: float
    top_naming: float
    comparability: float
    silence: float
    """Share of models that nothing was done to about which nothing is claimed."""
    unspread: float
    """Share of changes without a name about which nothing is claimed."""

    @property
    def mean(self) -> float:
        """Of all scores."""
        return fmean(asdict(self).values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Lattice:
    """The mixtures of some aspects as embeddings."""

    id: str
    aspects: tuple[str, ...]
    truths: Sequence[tuple[int, ...]]
    """Level of each aspect, model by model."""
    models: Sequence["Embedded"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """Development models as embeddings, and who reads what is said of them."""

    lattices: Sequence[Lattice]
    unchanged: Sequence["Embedded"]
    nameless: Sequence["Embedded"]
    """Changed in ways that no word names."""
    reader: Reader
    corpus_aspects: tuple[str, ...]

    @property
    def n_models(self) -> int:
        """In lattices."""
        return sum(len(lattice.models) for lattice in self.lattices)

    def worth(self, settings: RobustSettings) -> Worth:
        """The scores of one way of explaining; lattices weigh alike."""
        read = [self._read(one.aspects, one.models, settings) for one in self.lattices]
        models = [
            (Answer(claims=reading.claims), dict(zip(one.aspects, truth, strict=True)))
            for one, readings in zip(self.lattices, read, strict=True)
            for truth, reading in zip(one.truths, readings, strict=True)
        ]
        moved = [(answer, levels) for answer, levels in models if any(levels.values())]
        aspects = self.lattices[0].aspects
        silent = self._read(aspects, self.unchanged, settings)
        return Worth(
            selection=fmean(
                fmean(selection_credits([reading.values for reading in readings], one.truths))
                for one, readings in zip(self.lattices, read, strict=True)
            ),
            claim_f1=fmean(claim_f1(*each) for each in moved),
            top_naming=fmean(top_naming(*each) for each in moved),
            comparability=_comparability(models),
            silence=fmean(
                [
                    *(not one.claims for one in silent),
                    *(not answer.said for answer, levels in models if not any(levels.values())),
                ]
            ),
            unspread=fmean(not one.claims for one in self._read(aspects, self.nameless, settings)),
        )

    def _read(
        self, aspects: tuple[str, ...], models: Sequence["Embedded"], settings: RobustSettings
    ) -> list[Reading]:
        from finexl.robust.explaining import explain_embedded

        said = [explain_embedded(one, settings).scored() for one in models]
        readings = read_each(self.reader, said, aspects, corpus_aspects=self.corpus_aspects)
        return [one for one in readings if one is not None]


def _comparability(models: Sequence[tuple[Answer, Mapping[str, int]]]) -> float:
    aspects = sorted({name for _, levels in models for name in levels})
    levels = np.array([[of_one.get(name, 0) for name in aspects] for _, of_one in models], dtype=np.float64)
    amounts = np.array([amounts_of(answer.claims or (), aspects) for answer, _ in models])
    return comparability(levels, amounts) or 0.0


def study(settings: Settings, tell: Callable[[str], None]) -> Study:
    """Make the development models, ask about and embed each once; `tell` hears how far it is."""
    bench = SettingsWorkbench(settings)
    groups = development_groups(settings, bench.corpus, generator_id=bench.workshop.generator_id)
    executor = build_executor(settings.executor, workers=settings.workers, folder=settings.output / "jobs")
    probe = groups[0].probe
    units = [
        ModelUnit(variants=(trial.variant,), probe=group.probe) for group in groups for trial in group.trials
    ]
    for stage in ([BaseUnit(probe=probe), BaseUnit(probe=other_noise(probe))], units):
        for index, _ in executor.map(Doer(opener=SettingsOpener(settings=settings)), stage):
            tell(f"{stage[index].stage}: {stage[index].label}")
    explainer: Any = bench.explainer("finexl_grounded").explainer
    base, again = bench.unchanged(probe)

    def embedded(tuned: Pixels) -> "Embedded":
        return _embedded(explainer, probe.prompts, (base, tuned))

    unchanged = embedded(again)
    painted = []
    for pair in pairs(bench.corpus_aspects):
        tell(f"paint: {' and '.join(pair)}")
        painted.append(_painted(pair, base, unchanged, embedded))
    return Study(
        lattices=[
            *(
                Lattice(
                    id=group.id,
                    aspects=group.aspects,
                    truths=[trial.truth for trial in group.trials],
                    models=[embedded(bench.images(trial, probe)[1]) for trial in group.trials],
                )
                for group in groups
            ),
            *painted,
        ],
        unchanged=[unchanged],
        nameless=[embedded(np.ascontiguousarray(change(base))) for change in NAMELESS.values()],
        reader=bench.reader(),
        corpus_aspects=bench.corpus_aspects,
    )


def _painted(
    pair: tuple[str, str], base: Pixels, unchanged: "Embedded", embedded: Callable[[Pixels], "Embedded"]
) -> Lattice:
    """The lattice of a pair, painted on base images; the model without change is the base model with other noise."""
    truths = [one.parts for one in lattice(len(pair), WHOLE)]
    models = [
        embedded(
            mixture(
                base, [(aspect, part / WHOLE) for aspect, part in zip(pair, parts, strict=True)], seed=seed
            )
        )
        if any(parts)
        else unchanged
        for seed, parts in enumerate(truths)
    ]
    return Lattice(id=f"painted/{'+'.join(pair)}", aspects=pair, truths=truths, models=models)


def _embedded(explainer: "RobustFineXL", prompts: Sequence[str], images: tuple[Pixels, Pixels]) -> "Embedded":
    return explainer.embedded(blind_pairs(tuple(prompts), *images))[0]


def chosen(found: Study, start: RobustSettings) -> RobustSettings:
    """Each setting of the grid at its best with the others as they stand, one after the other, until none moves."""
    worth = cache(lambda way: round(found.worth(way).mean, 6))
    best, before = start, None
    while best != before:
        before = best
        for name, values in GRID.items():
            ways = [replace(best, **{name: value}) for value in values]  # type: ignore[arg-type]  # names of fields
            best = max(ways, key=lambda way: (worth(way), getattr(way, name)))
    return best


def ablation(found: Study, settings: RobustSettings) -> dict[str, Worth]:
    """The worth of the settings, and of the same with one ingredient left out or put in at a time."""
    return {
        name: found.worth(replace(settings, **changes))  # type: ignore[arg-type]  # names of fields
        for name, changes in WITHOUT.items()
    }


def as_json(
    best: RobustSettings, table: Mapping[str, Worth], found: Study, settings: Settings
) -> dict[str, Any]:
    """What is kept: the choice, the table, and what models and words came from."""
    public = public_settings(settings)
    return {
        "chosen": {name: getattr(best, name) for name in sorted(GRID)},
        "lattices": [one.id for one in found.lattices],
        "table": {name: asdict(worth) for name, worth in table.items()},
        "settings": {name: public[name] for name in ("preset", "generator", "encoder", "vlm")},
    }


def markdown(table: Mapping[str, Worth], *, n_models: int) -> str:
    """The table for people."""
    return "\n".join(_rows(table, n_models)) + "\n"


def _rows(table: Mapping[str, Worth], n_models: int) -> Iterator[str]:
    yield f"Development models: {n_models}. Written by `python -m benchmark tune robust`."
    yield ""
    yield "| way | selection | ClaimF1 | TopNaming | Comparability | silent: unchanged | silent: no name | mean |"
    yield "|---|---|---|---|---|---|---|---|"
    for name, worth in table.items():
        yield (
            f"| {name} | "
            + " | ".join(f"{value:.2f}" for value in (*asdict(worth).values(), worth.mean))
            + " |"
        )
