"""What the robust explainer's settings are worth, one ingredient at a time, and which values of them to ship.

Every development model is asked about and embedded once; then each way of explaining is arithmetic, read and scored as
in a run. Beside the mixtures there are models that nothing was done to: the base model with other noise. The choice is
the best mean of four scores, and among equals the largest penalty, which claims least.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from statistics import fmean
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmark.config.settings import Settings, public_settings
from benchmark.explain.explaining import Pixels, blind_pairs
from benchmark.plan.trials import Group
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
from benchmark.tune.development import development_groups
from finexl.robust.settings import RobustSettings

if TYPE_CHECKING:
    from finexl.robust.explainer import RobustFineXL
    from finexl.robust.explaining import Embedded

GRID: Mapping[str, tuple[float, ...]] = {
    "penalty": (0.05, 0.1, 0.2, 0.3),
    "least_share": (0.2, 0.3, 0.4),
    "least_gain": (0.02, 0.05, 0.1),
    "least_explained": (0.5, 0.6, 0.7, 0.8),
    "least_amount": (0.025, 0.05, 0.1),
}
"""What is chosen; the first is varied first, and each with the others as they were chosen before."""
WITHOUT: Mapping[str, Mapping[str, float | int]] = {
    "all ingredients": {},
    "without grouping of synonyms": {"synonyms": 1.0},
    "without a penalty": {"penalty": 0.0},
    "without dropping small claims": {"least_share": 0.0},
    "without a least gain": {"least_gain": 0.0, "opposite_gain": 0.0},
    "“less of” as cheap as “more of”": {"opposite_gain": 0.0},
    "without a least share explained": {"least_explained": 0.0},
    "without a least amount": {"least_amount": 0.0},
    "without false-discovery control": {"false_discovery_rate": 1.0},
}
"""One ingredient left out at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """How good one way of explaining is, each in [0, 1]."""

    selection: float
    claim_f1: float
    top_naming: float
    comparability: float
    silence: float
    """Share of models that nothing was done to about which nothing is claimed."""

    @property
    def mean(self) -> float:
        """Of all five."""
        return fmean(asdict(self).values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """Development models as embeddings, and who reads what is said of them."""

    groups: Sequence[Group]
    embedded: Sequence[Sequence["Embedded"]]
    """Of every model of every group."""
    unchanged: Sequence["Embedded"]
    reader: Reader
    corpus_aspects: tuple[str, ...]

    def worth(self, settings: RobustSettings) -> Worth:
        """The scores of one way of explaining; groups weigh alike."""
        read = [
            self._read(group, models, settings)
            for group, models in zip(self.groups, self.embedded, strict=True)
        ]
        models = [
            (Answer(claims=one.claims), dict(zip(group.aspects, trial.truth, strict=True)))
            for group, readings in zip(self.groups, read, strict=True)
            for trial, one in zip(group.trials, readings, strict=True)
        ]
        moved = [(answer, levels) for answer, levels in models if any(levels.values())]
        silent = self._read(self.groups[0], self.unchanged, settings)
        return Worth(
            selection=fmean(
                fmean(
                    selection_credits(
                        [one.values for one in readings], [trial.truth for trial in group.trials]
                    )
                )
                for group, readings in zip(self.groups, read, strict=True)
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
        )

    def _read(self, group: Group, models: Sequence["Embedded"], settings: RobustSettings) -> list[Reading]:
        from finexl.robust.explaining import explain_embedded

        said = [explain_embedded(one, settings).scored() for one in models]
        readings = read_each(self.reader, said, group.aspects, corpus_aspects=self.corpus_aspects)
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
    explainer: Any = bench.explainer("finexl").explainer

    def embedded(images: tuple[Pixels, Pixels]) -> "Embedded":
        return _embedded(explainer, probe.prompts, images)

    return Study(
        groups=groups,
        embedded=[[embedded(bench.images(trial, probe)) for trial in group.trials] for group in groups],
        unchanged=[embedded(bench.unchanged(probe))],
        reader=bench.reader(),
        corpus_aspects=bench.corpus_aspects,
    )


def _embedded(explainer: "RobustFineXL", prompts: Sequence[str], images: tuple[Pixels, Pixels]) -> "Embedded":
    return explainer.embedded(blind_pairs(tuple(prompts), *images))[0]


def chosen(found: Study, start: RobustSettings) -> RobustSettings:
    """Each setting of the grid at its best with the others as they stand, one after the other."""
    best = start
    for name, values in GRID.items():
        ways = [replace(best, **{name: value}) for value in values]  # type: ignore[arg-type]  # names of fields
        best = max(ways, key=lambda way: (round(found.worth(way).mean, 6), getattr(way, name)))
    return best


def ablation(found: Study, settings: RobustSettings) -> dict[str, Worth]:
    """The worth of the settings, and of the same with one ingredient left out at a time."""
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
        "groups": [group.id for group in found.groups],
        "table": {name: asdict(worth) for name, worth in table.items()},
        "settings": {name: public[name] for name in ("preset", "generator", "encoder", "vlm")},
    }


def markdown(table: Mapping[str, Worth], *, n_models: int) -> str:
    """The table for people."""
    return "\n".join(_rows(table, n_models)) + "\n"


def _rows(table: Mapping[str, Worth], n_models: int) -> Iterator[str]:
    yield f"Development models: {n_models}. Written by `python -m benchmark tune robust`."
    yield ""
    yield "| way | selection | ClaimF1 | TopNaming | Comparability | silence on unchanged |"
    yield "|---|---|---|---|---|---|"
    for name, worth in table.items():
        yield f"| {name} | " + " | ".join(f"{value:.2f}" for value in asdict(worth).values()) + " |"
