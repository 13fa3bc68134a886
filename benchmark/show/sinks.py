"""Sinks: where a run tells how it goes. They look on; none of them can stop it."""

import json
import sys
import time
from collections.abc import Callable, Sequence
from typing import Protocol, TextIO, runtime_checkable

from benchmark.record.files import is_disk_full
from benchmark.record.recording import strict_json, without_cost
from benchmark.record.records import GroupRecord
from benchmark.show.runs import Progress, RunPlan, RunResult


@runtime_checkable
class Sink(Protocol):
    """Hears of a run in this order: start, any progress and records, finish (if all is well), close."""

    @property
    def name(self) -> str: ...

    def on_start(self, plan: RunPlan) -> None: ...

    def on_progress(self, progress: Progress) -> None: ...

    def on_record(self, record: GroupRecord) -> None:
        """A record was made in this run; what earlier runs left is only in the result."""
        ...

    def on_finish(self, result: RunResult) -> None: ...

    def close(self) -> None:
        """Let go of everything, whether the run ended well or not."""
        ...


class GuardedSinks:
    """Tells several sinks; one that raises is reported once and told nothing more."""

    def __init__(self, sinks: Sequence[Sink]) -> None:
        self._open = list(sinks)

    def start(self, plan: RunPlan) -> None:
        self._tell(lambda sink: sink.on_start(plan))

    def progress(self, progress: Progress) -> None:
        self._tell(lambda sink: sink.on_progress(progress))

    def record(self, record: GroupRecord) -> None:
        self._tell(lambda sink: sink.on_record(record))

    def finish(self, result: RunResult) -> None:
        self._tell(lambda sink: sink.on_finish(result))

    def close(self) -> None:
        self._tell(lambda sink: sink.close())
        self._open.clear()

    def _tell(self, news: Callable[[Sink], None]) -> None:
        for sink in tuple(self._open):
            try:
                news(sink)
            except Exception as error:
                self._open.remove(sink)
                reason = "no space left" if is_disk_full(error) else f"{type(error).__name__}: {error}"
                print(
                    f"The sink `{sink.name}` failed and is switched off ({reason}). The run goes on without it.",
                    file=sys.stderr,
                )


class JsonLinesSink:
    """Appends every event of a run to `events.jsonl`, with the time in seconds since 1970."""

    name = "events"

    def __init__(self, *, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._file: TextIO | None = None

    def on_start(self, plan: RunPlan) -> None:
        self._file = plan.files.events.open("a", encoding="utf-8")
        self._write("start", run=plan.name, n_records=plan.n_records, n_reused=plan.n_reused)

    def on_progress(self, progress: Progress) -> None:
        self._write(
            "progress", stage=progress.stage, done=progress.done, total=progress.total, label=progress.label
        )

    def on_record(self, record: GroupRecord) -> None:
        self._write("record", record=without_cost(record), cost=record.cost.model_dump(mode="json"))

    def on_finish(self, result: RunResult) -> None:
        scores = [
            {"scenario": row.scenario, "explainer": row.explainer, "value": row.value} for row in result.rows
        ]
        self._write("finish", scores=json.loads(strict_json(scores)))

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def _write(self, event: str, **facts: object) -> None:
        if self._file is not None:
            self._file.write(strict_json({"event": event, "time": self._clock(), **facts}) + "\n")
            self._file.flush()
