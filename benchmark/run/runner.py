"""The runner: plan, reuse, work, record, publish.

Work is found missing by the keys of its records, done by an executor in stages, and recorded as it is done.
So a run that was killed at any point goes on from there, and a run whose records are all there imports
nothing heavy.

A record in which an explanation or a reading failed or timed out is reported, and the next run asks its group again:
that may have been an outage. So is one in which a model left questions unanswered in an outage, whatever the explainer
said without its words. Failures in an explainer's own code are no exception, since a record cannot tell a full GPU or
a service of its own from a fault that stays. Refusals and replies that cannot be read are answers, and asked for once.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from typing import Any

from benchmark.config.settings import Settings
from benchmark.plan.trials import Group, Probe, origin
from benchmark.record.files import sole_writer
from benchmark.record.recording import RecordLog
from benchmark.record.records import (
    CertificateKey,
    CertificateRecord,
    ExplanationKey,
    ExplanationRecord,
    GroupRecord,
    Provenance,
    ReadingKey,
    ReadingRecord,
)
from benchmark.run.executors import Executor
from benchmark.run.jobs import Job, build_job
from benchmark.run.lessons import Needs
from benchmark.run.logs import Logs, open_logs, unheard
from benchmark.run.pace import Pace
from benchmark.run.results import joined, publish, set_aside
from benchmark.run.stages import (
    BaseUnit,
    CertifyUnit,
    Doer,
    ExplainUnit,
    GridUnit,
    LearnUnit,
    ModelUnit,
    ReadUnit,
    Unit,
    adapter_units,
)
from benchmark.show.images import Grid, is_drawn
from benchmark.show.runs import Progress, RunPlan, RunResult
from benchmark.show.sinks import GuardedSinks
from finetune.recipe import Composed, Reseeded, Variant, recipes_of
from finexl.explain.progress import no_progress, progress
from finexl.notices import collected


def run(settings: Settings) -> RunResult:
    """Do everything that settings ask for; finished work is reused."""
    with (no_progress if settings.quiet else progress)("planning"), collected() as told:
        job = build_job(settings)
    return execute(replace(job, notices=tuple(told.values())))


def execute(job: Job) -> RunResult:
    """Do what is missing of a job, then publish its results; one run at a time may write to a folder."""
    with sole_writer(job.files.folder), closing(GuardedSinks(job.sinks)) as sinks:
        work = Work(job=job, logs=open_logs(job.files, job.redo, made_of=job.made_of), sinks=sinks)
        plan = work.plan()
        sinks.start(plan)
        with collected() as told:
            work.rehearse()
        job = replace(job, notices=(*job.notices, *told.values()))
        with job.executor as executor:
            work.do(executor)
        result = publish(job, plan, work.records(), notices=work.logs.notices.all)
        work.logs.end()
        sinks.finish(result)
    return result


def certify(job: Job) -> Mapping[str, CertificateRecord]:
    """Make the models and images of a job and certify them; nobody is asked, nothing is published.

    Returns certificates by the ids of groups; images are in the store then, where the job's opener finds them.
    """
    job = replace(job, explainers={})
    with sole_writer(job.files.folder), closing(GuardedSinks(job.sinks)) as sinks:
        work = Work(job=job, logs=open_logs(job.files, job.redo, made_of=job.made_of), sinks=sinks)
        sinks.start(work.plan())
        with job.executor as executor:
            work.do(executor)
        found = {group.id: work.certificate(group) for group in job.groups}
        work.logs.end()
    return found


Cell = tuple[Group, str]
"""A group and the explainer that is asked about it."""


@dataclass(frozen=True, kw_only=True)
class Work:
    """The part of a job that is not recorded yet, or failed."""

    job: Job
    logs: Logs
    sinks: GuardedSinks

    def plan(self) -> RunPlan:
        made = [
            (group, self.logs.made_explanations.find(self._explanation_key(group, name)))
            for group, name in self._cells
        ]
        whole = [
            not any(unheard(record)) and not self.logs.readings.lacks(self._reading_key(group, record))
            for group, record in made
            if record is not None
        ]
        return RunPlan(
            name=self.job.name,
            files=self.job.files,
            groups=self.job.groups,
            explainers=tuple(self.job.explainers),
            n_reused=sum(whole),
            replaced=set_aside(self.job),
            unrecorded=self.job.recorded_in if sum(whole) == len(self._cells) else None,
        )

    def rehearse(self) -> None:
        """Build the explainers that will be asked, before anything is made for them."""
        asked = dict.fromkeys(
            name
            for group, name in self._cells
            if self.logs.made_explanations.lacks(self._explanation_key(group, name))
        )
        if asked and self.job.rehearse is not None:
            self.sinks.progress(Progress(stage="rehearsal", done=0, total=1))
            self.job.rehearse(tuple(asked))
            self.sinks.progress(Progress(stage="rehearsal", done=1, total=1))

    def do(self, executor: Executor) -> None:
        """Make models and images, certify, explain, read, draw; each stage only for what lacks something."""
        logs = self.logs
        explaining = [
            ExplainUnit(explainer=name, group=group, key=self._explanation_key(group, name))
            for group, name in self._cells
        ]
        certifying = [CertifyUnit(group=group, key=self._certificate_key(group)) for group in self.job.groups]
        # grids stand in the report of what explainers said
        pictured = self.job.groups if self.job.explainers else ()
        drawing = [GridUnit(group=group, grid=self._grid(group)) for group in pictured]
        unexplained = [unit for unit in explaining if logs.made_explanations.lacks(unit.key)]
        uncertified = [unit for unit in certifying if logs.made_certificates.lacks(unit.key)]
        undrawn = [unit for unit in drawing if logs.since or not is_drawn(unit.grid.path, unit.grid.key)]
        lacking = _distinct([unit.group for unit in (*uncertified, *unexplained, *undrawn)])
        needs = [self.job.certifying] * bool(uncertified) + [self.job.explaining] * bool(unexplained)
        self._do(executor, self._making(lacking, needs))
        learned = dict.fromkeys(probe for each in needs for probe in each.learned)
        self._do(executor, [LearnUnit(probe=probe, since=logs.since) for probe in learned])
        self._do(executor, uncertified, log=logs.made_certificates)
        self._do(executor, unexplained, log=logs.made_explanations)
        logs.settle()
        self._read(executor, explained={(unit.group.id, unit.explainer) for unit in unexplained})
        self._do(executor, undrawn)

    def records(self) -> tuple[GroupRecord, ...]:
        """Every record of the plan, in its order, once all is done."""
        return tuple(self._joined(*cell) for cell in self._cells)

    def certificate(self, group: Group) -> CertificateRecord:
        """What was measured of a group, once all is done."""
        return self.logs.certificates[self._certificate_key(group)]

    def _read(self, executor: Executor, *, explained: set[tuple[str, str]]) -> None:
        """Read what is not read yet, the same words once; sinks hear of every record that is new.

        `explained` are the ids of groups with the explainers that were asked about them in this run.
        """
        unread: dict[ReadingKey, list[Cell]] = {}
        for group, name in self._cells:
            key = self._reading_key(group, self._explained(group, name))
            if self.logs.readings.lacks(key):
                unread.setdefault(key, []).append((group, name))
            elif (group.id, name) in explained:
                self.sinks.record(self._joined(group, name))
        units = [
            ReadUnit(explainer=name, group=group, key=key, said=self._explained(group, name).said)
            for key, ((group, name), *_) in unread.items()
        ]

        def tell(read: ReadingRecord) -> None:
            for cell in unread[read.key]:
                self.sinks.record(self._joined(*cell))

        self._do(executor, units, log=self.logs.readings, then=tell)

    @cached_property
    def _cells(self) -> list[Cell]:
        return list(product(self.job.groups, self.job.explainers))

    @cached_property
    def _pairs(self) -> dict[str, tuple[str, ...]]:
        """Content keys of every group's image pairs."""
        key = self.job.pairs_key
        return {
            group.id: tuple(key(trial, group.probe) for trial in group.trials) for group in self.job.groups
        }

    def _shown(self, group: Group) -> tuple[str, ...]:
        """Content keys of what explainers see of a group."""
        pairs, evidence = self._pairs[group.id], group.evidence
        return pairs if evidence is None else tuple(f"{pair}/{evidence.key}" for pair in pairs)

    def _grid(self, group: Group) -> Grid:
        return Grid(path=self.job.files.grid(group), title=group.id, key=" ".join(self._pairs[group.id]))

    def _explained(self, group: Group, explainer: str) -> ExplanationRecord:
        return self.logs.explanations[self._explanation_key(group, explainer)]

    def _joined(self, group: Group, explainer: str) -> GroupRecord:
        job, logs, explained = self.job, self.logs, self._explained(group, explainer)
        provenance = Provenance(
            explainer=explainer,
            explainer_key=job.explainers[explainer],
            reader=job.reader,
            seed=job.seed,
            pairs=self._shown(group),
            versions=job.versions,
        )
        return joined(
            group,
            provenance,
            explained=explained,
            read=logs.readings[self._reading_key(group, explained)],
            certificate=self.certificate(group),
            track=job.tracks[explainer],
            n_draws=job.n_draws.get(explainer, 1),
        )

    def _explanation_key(self, group: Group, explainer: str) -> ExplanationKey:
        pairs, version = self._shown(group), self.job.versions.explain
        return ExplanationKey(explainer_key=self.job.explainers[explainer], pairs=pairs, version=version)

    def _certificate_key(self, group: Group) -> CertificateKey:
        unasked = [dict(trial.unasked) for trial in group.trials]
        further = tuple(dict.fromkeys(aspect for levels in unasked for aspect in levels))
        return CertificateKey(
            pairs=self._pairs[group.id],
            aspects=(*group.aspects, *further),
            levels=tuple(
                (*trial.truth, *(levels.get(aspect, 0) for aspect in further))
                for trial, levels in zip(group.trials, unasked, strict=True)
            ),
            certifier=self.job.certifier,
            version=self.job.versions.certify,
        )

    def _reading_key(self, group: Group, explained: ExplanationRecord) -> ReadingKey:
        return ReadingKey(
            reader=self.job.reader,
            aspects=group.aspects,
            corpus_aspects=self.job.corpus_aspects,
            words=explained.words,
            version=self.job.versions.read,
        )

    def _making(self, groups: Sequence[Group], needs: Sequence[Needs]) -> list[Unit]:
        """Base images, then adapters that models share, then a unit per training run (or what else they come from)."""
        probes = [*(probe for each in needs for probe in each.bases), *(group.probe for group in groups)]
        by_origin: dict[tuple[Any, Probe], list[Variant]] = {}
        models = [(trial.variant, group.probe) for group in groups for trial in group.trials]
        models += [model for each in needs for model in each.models]
        for variant, probe in models:
            by_origin.setdefault((_origin(variant), probe), []).append(variant)
        since = self.logs.since
        adapters = adapter_units(models, since=since)
        makers = [
            ModelUnit(variants=tuple(_distinct(variants)), probe=probe, since=since)
            for (_, probe), variants in by_origin.items()
        ]
        longest_first = sorted(makers, key=lambda unit: -len(unit.variants))
        bases = [BaseUnit(probe=probe, since=since) for probe in _distinct(probes)]
        return [*bases, *adapters, *longest_first]

    def _do(
        self,
        executor: Executor,
        units: Sequence[Unit],
        *,
        log: RecordLog[Any] | None = None,
        then: Callable[[Any], None] | None = None,
    ) -> None:
        """Do units, of one or several stages; records are on the disk before anyone hears of them."""
        totals, done = Counter(unit.stage for unit in units), Counter[str]()
        paces = dict[str, Pace]()
        for stage, total in totals.items():
            paces[stage] = Pace((unit for unit in units if unit.stage == stage), at_once=executor.at_once)
            self.sinks.progress(Progress(stage=stage, done=0, total=total))
        for index, result in executor.map(Doer(opener=self.job.opener), units):
            if log is not None:
                if log.append(result.record) and then is not None:
                    then(result.record)
            elif result.notices:  # what is made leaves no record that could keep them
                self.logs.notices.add(result.notices)
            stage, label = units[index].stage, units[index].label
            done[stage] += 1
            paces[stage].saw(units[index], seconds=result.seconds)
            self.sinks.progress(
                Progress(
                    stage=stage,
                    done=done[stage],
                    total=totals[stage],
                    label=label,
                    seconds_left=paces[stage].seconds_left,
                )
            )


def _origin(variant: Variant) -> object:
    """What models are made together by: training runs, else the kind of change; some are each made alone."""
    match variant:
        case Composed() | Reseeded():
            return variant
        case _:
            return recipes_of(variant) or origin(variant)


def _distinct(values: Sequence[Any]) -> list[Any]:
    return list(dict.fromkeys(values))
