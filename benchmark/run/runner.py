"""The runner: plan, reuse, work, record, publish.

Work is found missing by the keys of its records, done by an executor in stages, and recorded as it is done.
So a run that was killed at any point goes on from there, and a run whose records are all there imports
nothing heavy.

A record in which an explanation failed or timed out is reported, and the next run asks its group again: that may have
been an outage. Failures in an explainer's own code are no exception, since a record cannot tell a full GPU or a
service of its own from a fault that stays. Refusals and replies that cannot be read are answers, and asked for once.
"""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from benchmark.config.settings import Settings
from benchmark.plan.scenarios import scorings_of
from benchmark.plan.trials import Group, Probe
from benchmark.record.files import sole_writer
from benchmark.record.recording import RecordLog, costs, open_log, without_cost, write_json
from benchmark.record.records import GroupRecord, Provenance
from benchmark.run.executors import Executor
from benchmark.run.jobs import Job, build_job
from benchmark.run.stages import (
    BaseUnit,
    Doer,
    Done,
    ExplainUnit,
    GridUnit,
    ModelUnit,
    Truth,
    TruthUnit,
    Unit,
    origin,
)
from benchmark.score.scores import score_rows
from benchmark.show.images import Grid, is_drawn
from benchmark.show.report import write_report
from benchmark.show.runs import Progress, RunPlan, RunResult
from benchmark.show.sinks import GuardedSinks
from finetune.recipe import Trained, Variant

_STAGES: dict[type, str] = {
    BaseUnit: "base images",
    ModelUnit: "models",
    TruthUnit: "truth",
    ExplainUnit: "explanations",
    GridUnit: "image grids",
}


def run(settings: Settings) -> RunResult:
    """Do everything that settings ask for; finished work is reused."""
    return execute(build_job(settings))


def execute(job: Job) -> RunResult:
    """Do what is missing of a job, then publish its results; one run at a time may write to a folder."""
    with sole_writer(job.files.folder), closing(GuardedSinks(job.sinks)) as sinks:
        log = open_log(job.files.records)
        work = Work(job=job, log=log, sinks=sinks)
        plan = work.plan()
        sinks.start(plan)
        with job.executor as executor:
            work.do(executor)
        result = publish(job, plan, work.records())
        sinks.finish(result)
    return result


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """The part of a job that is not recorded yet, or failed."""

    job: Job
    log: RecordLog
    sinks: GuardedSinks

    def plan(self) -> RunPlan:
        return RunPlan(
            name=self.job.name,
            files=self.job.files,
            groups=self.job.groups,
            explainers=tuple(self.job.explainers),
            n_reused=len(self.job.groups) * len(self.job.explainers) - len(self._missing()),
        )

    def do(self, executor: Executor) -> None:
        """Make models and images, certify, explain, draw; each stage only for groups that lack something."""
        missing = self._missing()
        unexplained = _distinct([group for group, _ in missing])
        undrawn = [(group, grid) for group, grid in self._grids() if not is_drawn(grid.path, grid.key)]
        self._do(
            executor,
            self._making(
                _distinct([*unexplained, *(group for group, _ in undrawn)]), with_extra=bool(missing)
            ),
        )
        truths = self._do(executor, [TruthUnit(group=group) for group in unexplained])
        truth_of = dict(zip((group.id for group in unexplained), truths, strict=True))
        self._do(executor, [self._explaining(group, name, truth_of[group.id]) for group, name in missing])
        self._do(executor, [GridUnit(group=group, grid=grid) for group, grid in undrawn])

    def records(self) -> tuple[GroupRecord, ...]:
        """Every record of the plan, in its order."""
        found = [self._find(group, name) for group in self.job.groups for name in self.job.explainers]
        return tuple(record for record in found if record is not None)

    def _missing(self) -> list[tuple[Group, str]]:
        return [
            (group, name)
            for group in self.job.groups
            for name in self.job.explainers
            if (record := self._find(group, name)) is None or record.n_failed
        ]

    def _find(self, group: Group, explainer: str) -> GroupRecord | None:
        return self.log.find((group.scenario, group.id, explainer, self._provenance(group, explainer)))

    def _provenance(self, group: Group, explainer: str) -> Provenance:
        job = self.job
        return Provenance(
            benchmark_version=job.version,
            explainer=explainer,
            explainer_key=job.explainers[explainer],
            reader=job.reader,
            seed=job.seed,
            pairs=self._pairs(group),
        )

    def _pairs(self, group: Group) -> tuple[str, ...]:
        return tuple(self.job.pairs_key(trial, group.probe) for trial in group.trials)

    def _grids(self) -> list[tuple[Group, Grid]]:
        return [
            (group, Grid(path=self.job.files.grid(group), title=group.id, key=" ".join(self._pairs(group))))
            for group in self.job.groups
        ]

    def _making(self, groups: Sequence[Group], *, with_extra: bool) -> list[Unit]:
        """Base images first, then one unit per training run (or direction, or version) and probe."""
        probes = [group.probe for group in groups]
        extra = self.job.extra_probes if with_extra else ()
        by_origin: dict[tuple[Any, Probe], list[Variant]] = {}
        for group in groups:
            for trial in group.trials:
                by_origin.setdefault((_origin(trial.variant), group.probe), []).append(trial.variant)
        models = [
            ModelUnit(variants=tuple(_distinct(variants)), probe=probe)
            for (_, probe), variants in by_origin.items()
        ]
        longest_first = sorted(models, key=lambda unit: -len(unit.variants))
        return [*(BaseUnit(probe=probe) for probe in _distinct([*extra, *probes])), *longest_first]

    def _explaining(self, group: Group, explainer: str, truth: Done) -> ExplainUnit:
        assert isinstance(truth, Truth)
        return ExplainUnit(
            explainer=explainer, group=group, truth=truth, provenance=self._provenance(group, explainer)
        )

    def _do(self, executor: Executor, units: Sequence[Unit]) -> list[Done]:
        """Results in the order of the units; records are on the disk before anyone hears of them."""
        results: list[Done] = [None] * len(units)
        stages = [_STAGES[type(unit)] for unit in units]
        done = dict.fromkeys(stages, 0)
        for stage in done:
            self.sinks.progress(Progress(stage=stage, done=0, total=stages.count(stage)))
        for index, result in executor.map(Doer(opener=self.job.opener), units):
            results[index] = result
            if isinstance(result, GroupRecord) and self.log.append(result):
                self.sinks.record(result)
            stage = stages[index]
            done[stage] += 1
            self.sinks.progress(
                Progress(
                    stage=stage, done=done[stage], total=stages.count(stage), label=describe(units[index])
                )
            )
        return results


def describe(unit: Unit) -> str:
    """A unit in a few words, for people."""
    match unit:
        case BaseUnit():
            return f"{len(unit.probe.prompts)} prompts"
        case ModelUnit():
            return origin(unit.variants[0])
        case TruthUnit() | GridUnit():
            return unit.group.id
        case ExplainUnit():
            return f"{unit.explainer} on {unit.group.id}"


def publish(job: Job, plan: RunPlan, records: tuple[GroupRecord, ...]) -> RunResult:
    """Score the records and write what people and programs read; `results.json` comes last."""
    rows = score_rows(records, scorings=scorings_of(job.groups), seed=job.seed)
    result = RunResult(plan=plan, records=records, rows=rows)
    write_report(result, settings=job.settings, provenance=job.provenance)
    write_json(job.files.costs, {"records": costs(records)})
    write_json(
        job.files.results,
        {
            "schema_version": 1,
            "settings": dict(job.settings),
            "provenance": dict(job.provenance),
            "scores": [row.without_cost() for row in rows],
            "records": [without_cost(record) for record in records],
        },
    )
    return result


def _origin(variant: Variant) -> object:
    """What models are made together by: a training run, else the kind of change."""
    return variant.recipe if isinstance(variant, Trained) else origin(variant)


def _distinct(values: Sequence[Any]) -> list[Any]:
    return list(dict.fromkeys(values))
