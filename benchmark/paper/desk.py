"""Where tables get their measurements: runs by the runner, other measurements kept by content, each made once."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from benchmark.config.settings import Settings, public_settings
from benchmark.paper.asking import Asked
from benchmark.parts.identity import digest
from benchmark.parts.vlms import vlm_facts
from benchmark.record.recording import write_json
from benchmark.record.records import GroupRecord
from benchmark.run.workbench import SettingsWorkbench
from finexl.code_version import code_version
from finexl.notices import Notice, collected, notice


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a run found, without scores: tables score what they show of it."""

    records: tuple[GroupRecord, ...]
    notices: tuple[Notice, ...] = ()
    """What was left out, cut, converted or fallen back on."""


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Does what is asked for, unless it is done: runs go on where they stopped."""

    asked: Asked
    tell: Callable[[str], None] = lambda _: None
    do: Callable[[Settings], Done] = field(default=lambda settings: finished(settings))
    _results: dict[str, Done] = field(default_factory=dict, init=False)

    def run(self, settings: Settings) -> Done:
        """The records of a run."""
        key = json.dumps(public_settings(settings), sort_keys=True, default=str)
        if key not in self._results:
            self.tell(f"  run {settings.output.name}: {', '.join(each.name for each in settings.explainers)}")
            self._results[key] = self.do(settings)
        for one in self._results[key].notices:
            notice(one)
        return self._results[key]

    def kept(self, name: str, settings: Settings, make: Callable[[], Any], *, code: str, **facts: Any) -> Any:
        """A measurement as values of JSON, made once for these settings, facts and the code at `code`.

        What is told while it is made is told again by whoever reads it.
        """
        key = digest({"parts": parts_of(settings), "facts": facts, "code": code_version(code)})
        path = self.asked.output / "measured" / f"{name}-{key}.json"
        if path.is_file():
            kept = json.loads(path.read_text(encoding="utf-8"))
            for one in _notices_of(kept):
                notice(one)
            return kept["value"]
        self.tell(f"  measure {name}")
        with collected() as told:
            value = make()
        write_json(
            path,
            {"value": value, "notices": [asdict(one) for one in told.values()]},
            as_given=("value", "notices"),
        )
        return value


def parts_of(settings: Settings) -> Mapping[str, Any]:
    """What a measurement without a run may depend on: the parts by content, so that other weights are other keys."""
    bench = SettingsWorkbench(settings)
    return {
        "encoder": settings.encoder.identity,
        "vlm": vlm_facts(settings.vlm),
        "corpus": bench.corpus.id,
        "reader": bench.reader().id,
        "preset": [settings.preset.n_prompts, settings.preset.n_series],
        "seed": settings.seed,
    }


def finished(settings: Settings) -> Done:
    """What a run found: read where every record is there, else the run is done."""
    from benchmark.run.jobs import build_job
    from benchmark.run.logs import open_logs
    from benchmark.run.runner import Work, execute
    from benchmark.show.runs import left_whole, read_left
    from benchmark.show.sinks import GuardedSinks

    job = build_job(settings)
    if settings.redo == "no" and job.files.results.is_file():
        work = Work(job=job, logs=open_logs(job.files, job.redo), sinks=GuardedSinks([]))
        plan = work.plan()
        if plan.n_reused == plan.n_records:
            try:
                with left_whole(job.files.results):
                    notices = _notices_of(read_left(job.files.results))
                return Done(records=work.records(), notices=notices)
            except KeyError:  # a certificate is not there yet
                pass
    result = execute(job)
    return Done(records=result.records, notices=result.notices)


def _notices_of(written: Mapping[str, Any]) -> tuple[Notice, ...]:
    return tuple(Notice(**{**one, "examples": tuple(one["examples"])}) for one in written.get("notices", []))
