"""The console: a live bar per stage on a terminal, plain lines elsewhere, and at the end the table."""

import time
from collections.abc import Callable, Sequence

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, Task, TaskID, TextColumn
from rich.progress import Progress as Bars
from rich.table import Column
from rich.text import Text

from benchmark.plan.trials import notes
from benchmark.record.records import GroupRecord
from benchmark.show.runs import Progress, RunFiles, RunPlan, RunResult
from benchmark.show.score_table import plain_cell, score_table
from finexl.explain.folding import counted, folded, room
from finexl.explain.harmless import shown
from finexl.notices import LONGEST, Notice

_QUIET_SECONDS = 10.0
_PLAIN_WIDTH = 150
_ROOMY = 100
"""Columns from which bars are long."""
_SHOWN = 3
"""Notices and reasons that a line has room for."""
_REASON_LENGTH = 160


class ConsoleSink:
    """Tells people how far a run is, what is left, and what it found."""

    name = "console"

    def __init__(
        self, *, console: Console | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._console = console or Console(width=room(otherwise=_PLAIN_WIDTH))
        self._view: BarView | LineView = (
            BarView(self._console, clock=clock)
            if self._console.is_terminal
            else LineView(self._console, clock=clock)
        )

    def on_start(self, plan: RunPlan) -> None:
        reused = f", {plan.n_reused} of them done before" if plan.n_reused else ""
        self._print(
            f"{counted(plan.n_trials, 'personalized model')} in {counted(len(plan.groups), 'group')}, "
            f"{counted(len(plan.explainers), 'explainer')}: {counted(plan.n_records, 'record')}{reused}."
        )
        for note in notes(plan.groups):
            self._print(note)
        if plan.replaced is not None:
            self._print(
                "Results of other explainers or settings lie in this folder; those of this run take their place. "
                f"They are kept in {plan.replaced}."
            )
        if plan.unrecorded is not None:
            self._print(
                f"Nothing is asked, so nothing is recorded in {plan.unrecorded}: every explanation is there already. "
                "redo=explanations asks all of them again."
            )

    def on_progress(self, progress: Progress) -> None:
        self._view.show(progress)

    def on_record(self, record: GroupRecord) -> None:
        return None

    def on_finish(self, result: RunResult) -> None:
        self._view.close()
        for scenario in dict.fromkeys(row.scenario for row in result.rows):
            self._console.print()
            rows = [row for row in result.rows if row.scenario == scenario]
            self._console.print(score_table(rows, width=self._console.width))
        files = result.plan.files
        self._print("")
        for what, where in (
            ("Report", files.report),
            ("Results", files.results),
            ("Image grids", files.grids),
        ):
            self._print(f"{what:<12} {where}")
        if result.notices:
            self._print(notice_line(result.notices, files))
        if result.reasons:
            self._print(reason_line(result.reasons, files))
        if not result.is_sound:
            self._print(
                f"{result.failed_share:.0%} of the explanations failed: do not trust the table before you "
                "know why. "
                f"Every failure's reason is in {files.results}."
            )

    def close(self) -> None:
        self._view.close()

    def _print(self, text: str) -> None:
        width = self._console.width if self._console.is_terminal else None
        self._console.print(plain_cell(folded(text, width=width)), soft_wrap=True)


def notice_line(notices: Sequence[Notice], files: RunFiles) -> str:
    """What was left out, cut, converted or fallen back on, in one line."""
    told = "; ".join(shown(one.line, longest=LONGEST) for one in notices[:_SHOWN])
    more = f"; and {len(notices) - _SHOWN} more" if len(notices) > _SHOWN else ""
    return f"Not as given: {told}{more}. All of it is in {files.results} under `notices`."


def reason_line(reasons: Sequence[tuple[str, int]], files: RunFiles) -> str:
    """Why there are no answers, in one line."""
    shown = "; ".join(
        f"{n} × {' '.join(reason.split())[:_REASON_LENGTH].rstrip('.')}" for reason, n in reasons[:_SHOWN]
    )
    more = f"; and {len(reasons) - _SHOWN} other reasons" if len(reasons) > _SHOWN else ""
    is_late = any(reason.startswith("timeout") for reason, _ in reasons)
    longer = " explainer.seconds= gives more time." if is_late else ""
    return f"Without an answer: {shown}{more}. {files.report} has them all.{longer}"


class BarView:
    """One bar per stage, on a terminal."""

    def __init__(self, console: Console, *, clock: Callable[[], float]) -> None:
        self._bars = Bars(
            TextColumn("{task.description:<13}"),
            BarColumn(bar_width=30 if console.width >= _ROOMY else 15),
            MofNCompleteColumn(),
            TimeLeft(),
            TextColumn("[dim]{task.fields[label]}", table_column=Column(no_wrap=True, overflow="ellipsis")),
            console=console,
            get_time=clock,
        )
        self._tasks: dict[str, TaskID] = {}

    def show(self, progress: Progress) -> None:
        if not self._tasks:
            self._bars.start()
        if progress.stage not in self._tasks:
            self._tasks[progress.stage] = self._bars.add_task(
                progress.stage, total=progress.total, label="", end=None
            )
        label = "" if progress.done == progress.total else progress.label.replace("[", "(")
        left = progress.seconds_left
        end = None if left is None else self._bars.get_time() + left
        self._bars.update(
            self._tasks[progress.stage], completed=progress.done, total=progress.total, label=label, end=end
        )

    def close(self) -> None:
        self._bars.stop()


class TimeLeft(ProgressColumn):
    """The time a stage still takes as far as that is known; it counts down between units, which are few and long."""

    def render(self, task: Task) -> Text:
        if task.finished:
            return Text(f"{duration(task.finished_time or 0)} in all", style="green")
        end = task.fields["end"]
        left = 0.0 if end is None else end - task.get_time()
        return Text(f"about {duration(left)} left" if left >= 1 else "…", style="cyan")


class LineView:
    """A line at the start and end of each stage, and every ten seconds in between."""

    def __init__(self, console: Console, *, clock: Callable[[], float]) -> None:
        self._console, self._clock = console, clock
        self._started: dict[str, float] = {}
        self._last = 0.0

    def show(self, progress: Progress) -> None:
        now = self._clock()
        is_new = progress.stage not in self._started
        start = self._started.setdefault(progress.stage, now)
        if not (is_new or progress.done == progress.total or now - self._last >= _QUIET_SECONDS):
            return
        self._last = now
        share = progress.done / max(progress.total, 1)
        pace = ""
        if progress.done == progress.total:
            pace = f", {duration(now - start)} in all"
        elif progress.seconds_left is not None:
            pace = f", about {duration(progress.seconds_left)} left"
        self._console.print(
            plain_cell(f"{progress.stage}: {progress.done}/{progress.total} ({share:.0%}){pace}"),
            soft_wrap=True,
        )

    def close(self) -> None:
        return None


def duration(seconds: float) -> str:
    """A span of time for people: `8 s`, `2 min 05 s`, `1 h 10 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
