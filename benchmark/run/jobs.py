"""A run in built parts, ready to be executed: from settings to a job."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmark.config.settings import Settings, check_models, check_parts, public_settings
from benchmark.explain.outside import OutsideHost
from benchmark.parts.code import score_code
from benchmark.parts.executors import EXECUTORS, ExecutorSettings
from benchmark.parts.explainers import (
    PROBE,
    draws_of,
    explainer_key,
    is_from_elsewhere,
    track_of,
    uses_of,
)
from benchmark.parts.identity import act_versions, benchmark_version, digest, environment
from benchmark.parts.strangers import facts_of
from benchmark.parts.table import construct, imported, row
from benchmark.plan.secret import read_secret
from benchmark.plan.trials import Group, Probe, Trial
from benchmark.record.files import check_place
from benchmark.record.records import Track, Versions
from benchmark.run.executors import Executor
from benchmark.run.lessons import Needs
from benchmark.run.logs import Redo
from benchmark.run.stages import Opener
from benchmark.run.workbench import SettingsOpener, SettingsWorkbench
from benchmark.show.runs import RunFiles
from benchmark.show.sinks import JsonLinesSink, Sink
from finexl.notices import Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What is asked of whom, where the work is done, and who hears of it."""

    name: str
    files: RunFiles
    groups: tuple[Group, ...]
    explainers: Mapping[str, str]
    """Name to key: a hash of everything that an explanation depends on beside the images."""
    tracks: Mapping[str, Track]
    """Name to what the explainer is given."""
    reader: str
    """Identity of the reader."""
    versions: Versions
    """Versions of the code that makes records, by act."""
    corpus_aspects: tuple[str, ...]
    """What explanations may name."""
    seed: int
    pairs_key: Callable[[Trial, Probe], str]
    """Content key of a trial's images."""
    opener: Opener
    executor: Executor
    sinks: tuple[Sink, ...] = ()
    redo: Redo = "no"
    """What is made again on purpose: nothing, every explanation, or also models, images and certificates."""
    n_draws: Mapping[str, int] = field(default_factory=dict)
    """Name to the number of draws that a score is the mean of, where that is more than one."""
    certifier: str
    """What the certifier is trained on: a hash of images, labels and code."""
    certifying: Needs = field(default_factory=Needs)
    """What certificates need beside the images of groups."""
    explaining: Needs = field(default_factory=Needs)
    """What explainers need beside the images of groups."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """What results depend on, for people."""
    provenance: Mapping[str, Any] = field(default_factory=dict)
    rehearse: Callable[[Sequence[str]], None] | None = None
    """Builds the explainers of some names, before anything is made for them."""
    outside: tuple[OutsideHost, ...] = ()
    """Processes of explainers from elsewhere that were looked at; they are there as long as the job is."""
    recorded_in: Path | None = None
    """The file that replies of the explainers' model are written to."""
    notices: tuple[Notice, ...] = ()
    """What was left out, cut, converted or fallen back on while the job was built."""

    @property
    def made_of(self) -> str:
        """What models and images are made of."""
        return f"{self.provenance.get('corpus')} {self.provenance.get('generator')}"


def build_job(settings: Settings) -> Job:
    """Everything that a run needs; nothing heavy is imported and nothing is made."""
    bench = SettingsWorkbench(settings)
    outside = bench.look()
    check_models(settings)
    check_parts(settings)
    check_place(settings.store, "store")
    generator, reader = bench.workshop.generator_id, bench.reader().id
    explainers = {
        config.name: explainer_key(config, settings, bench.concepts, probe=bench.probe_identity)
        for config in settings.explainers
    }
    needs_probe = any(PROBE in uses_of(config) for config in settings.explainers)
    secret = read_secret(settings.secret)
    provenance = {
        "benchmark": benchmark_version(),
        "generator": generator,
        "reader": reader,
        "corpus": bench.corpus.id,
        "scores": score_code(),
        **({} if secret is None else {"secret": secret.id}),
        **_exposures(settings),
        **environment(),
    }
    return Job(
        name=run_name(settings),
        files=RunFiles(folder=settings.output),
        groups=bench.groups(),
        explainers=explainers,
        tracks={config.name: track_of(config) for config in settings.explainers},
        reader=reader,
        versions=act_versions(),
        corpus_aspects=bench.corpus_aspects,
        seed=settings.seed,
        pairs_key=bench.pairs_key,
        opener=SettingsOpener(settings=settings),
        executor=build_executor(settings.executor, workers=settings.workers, folder=settings.output / "jobs"),
        sinks=build_sinks(settings, provenance),
        redo=settings.redo,
        n_draws={config.name: draws_of(config) for config in settings.explainers},
        certifier=digest(bench.certifier_identity()),
        certifying=bench.certifying_needs,
        explaining=bench.oracle_needs if needs_probe else Needs(),
        settings=public_settings(settings),
        provenance=provenance,
        rehearse=lambda names: SettingsWorkbench(settings).rehearse(names),
        outside=outside,
        recorded_in=None if settings.vlm.replay else settings.vlm.record,
    )


def _exposures(settings: Settings) -> dict[str, str]:
    """What explainers from elsewhere can reach on this machine beside pixels and prompts."""
    return {
        f"{config.name} can reach": ", ".join(facts_of(config.kind).exposed) or "nothing else"
        for config in settings.explainers
        if is_from_elsewhere(config.kind)
    }


def run_name(settings: Settings) -> str:
    """What a run is called in logs and on W&B: scenarios, preset and seed, and what is shown if not all pairs."""
    scenarios_named = "+".join(scenario.name for scenario in settings.scenarios)
    shown = "" if settings.n_shown is None else f"-shown{settings.n_shown}"
    shown += "" if settings.paired else "-unpaired"
    return f"{scenarios_named}-{settings.preset.name}-seed{settings.seed}{shown}"


def build_executor(given: ExecutorSettings, *, workers: int, folder: Path) -> Executor:
    """Where units of work run; its constructor is handed what it asks for by name."""
    supplies: dict[str, Callable[[], object]] = {
        "workers": lambda: workers,
        "settings": lambda: given,
        "folder": lambda: folder,
    }
    return construct(imported(row("executor.kind", given.kind, EXECUTORS).target), supplies, who=given.kind)


def build_sinks(settings: Settings, provenance: Mapping[str, Any]) -> tuple[Sink, ...]:
    """The event log always, the console unless quiet, W&B unless off."""
    sinks: list[Sink] = [JsonLinesSink()]
    if not settings.quiet:
        from benchmark.show.console_sink import ConsoleSink

        sinks.append(ConsoleSink())
    if settings.wandb != "off":
        import os

        from benchmark.show.wandb_sink import WandbSink, mode_of

        mode, shown = mode_of(settings.wandb, os.environ), public_settings(settings)
        sinks.append(WandbSink(mode=mode, settings=shown, provenance=provenance))
    return tuple(sinks)
