"""Sinks hear everything, and none of them can stop a run."""

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from ideal_bench import World
from rich.console import Console
from rich.progress import Progress as Bars

from benchmark.record.records import GroupRecord
from benchmark.run import runner
from benchmark.run.results import cut_texts
from benchmark.show.console_sink import ConsoleSink, TimeLeft, duration
from benchmark.show.runs import Progress, RunPlan, RunResult
from benchmark.show.sinks import JsonLinesSink


class Listening:
    """Remembers what it hears."""

    name = "listening"

    def __init__(self) -> None:
        self.heard: list[str] = []

    def on_start(self, plan: RunPlan) -> None:
        self.heard.append(f"start {plan.n_records}")

    def on_progress(self, progress: Progress) -> None:
        self.heard.append(f"{progress.stage} {progress.done}/{progress.total}")

    def on_record(self, record: GroupRecord) -> None:
        self.heard.append(f"record {record.explainer}")

    def on_finish(self, result: RunResult) -> None:
        self.heard.append(f"finish {len(result.rows)}")

    def close(self) -> None:
        self.heard.append("close")


class Broken(Listening):
    """Fails at the first thing it hears."""

    name = "broken"

    def on_start(self, plan: RunPlan) -> None:
        super().on_start(plan)
        raise OSError(28, "No space left on device")


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> tuple[Listening, str, Path]:
    """What a listener and a console heard of one run, and where its files are."""
    root, listening, text = tmp_path_factory.mktemp("spoken"), Listening(), io.StringIO()
    console = ConsoleSink(console=Console(file=text, width=150))
    sinks = (listening, console, JsonLinesSink(clock=lambda: 0.0))
    runner.execute(World(root=root, sinks=sinks).job())
    return listening, text.getvalue(), root / "out"


def test_a_sink_hears_start_first_and_finish_and_close_last(spoken: tuple[Listening, str, Path]) -> None:
    heard = spoken[0].heard
    assert (heard[0], heard[-2:]) == ("start 4", ["finish 4", "close"])


def test_a_sink_hears_every_record_once(spoken: tuple[Listening, str, Path]) -> None:
    assert sum(line.startswith("record") for line in spoken[0].heard) == 4


def test_every_stage_is_heard_from_nothing_to_all(spoken: tuple[Listening, str, Path]) -> None:
    heard = spoken[0].heard
    for stage, total in (
        ("base images", 1),
        ("models", 7),
        ("probes", 1),
        ("certificates", 2),
        ("explanations", 4),
        ("readings", 4),
        ("image grids", 2),
    ):
        assert [line for line in heard if line.startswith(stage)] == [
            f"{stage} {n}/{total}" for n in range(total + 1)
        ]


def test_a_broken_sink_is_reported_once_and_the_run_ends_well(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken, listening = Broken(), Listening()
    runner.execute(World(root=tmp_path, sinks=(broken, listening)).job())
    assert capsys.readouterr().err.count("`broken` failed and is switched off (no space left)") == 1
    assert broken.heard == ["start 4"]
    assert "finish 4" in listening.heard


def test_a_listener_is_closed_when_a_run_ends_badly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*args: object, **told: object) -> None:
        raise KeyboardInterrupt

    listening = Listening()
    monkeypatch.setattr(runner, "publish", interrupted)
    with pytest.raises(KeyboardInterrupt):
        runner.execute(World(root=tmp_path, sinks=(listening,)).job())
    assert listening.heard[-1] == "close"
    assert not any(line.startswith("finish") for line in listening.heard)


def test_the_console_ends_with_the_table_and_the_files(spoken: tuple[Listening, str, Path]) -> None:
    text = spoken[1]
    for part in (
        "rank_mae ↓",
        "selection_accuracy ↑",
        "chance",
        "solo",
        "no comparison possible",
        "VLM",
        "measuring",
        "report.html",
    ):
        assert part in text


def test_the_console_says_how_many_texts_an_encoder_cut(tmp_path: Path) -> None:
    text = io.StringIO()
    result = runner.execute(World(root=tmp_path).job())
    whole = ConsoleSink(console=Console(file=text, width=150))
    whole.on_finish(result)
    assert result.notices == () and "texts cut" not in text.getvalue()
    costly = [
        record.model_copy(update={"cost": record.cost.model_copy(update={"cut_texts": 3})})
        for record in result.records
    ]
    whole.on_finish(replace(result, notices=tuple(cut_texts(costly))))
    n_cut = 3 * len(costly) // 2  # each of two explainers
    assert f"explainer flat: {n_cut} texts cut at the end of the encoder's context" in " ".join(
        text.getvalue().split()
    )


def test_lines_of_a_console_that_is_no_terminal_say_how_far_each_stage_is(
    spoken: tuple[Listening, str, Path],
) -> None:
    text = spoken[1]
    assert "models: 0/7 (0%)" in text
    assert "models: 7/7 (100%)" in text
    assert "\x1b" not in text


def test_lines_are_few_and_tell_the_time_left() -> None:
    text, now = io.StringIO(), iter(range(0, 1000, 4))
    sink = ConsoleSink(console=Console(file=text, width=150), clock=lambda: float(next(now)))
    for done in range(11):
        left = None if done < 3 else float(40 - 4 * done)
        sink.on_progress(Progress(stage="models", done=done, total=10, seconds_left=left))
    lines = text.getvalue().splitlines()
    assert len(lines) == 5
    assert lines[1] == "models: 3/10 (30%), about 28 s left"


def test_nothing_is_said_of_the_time_left_that_is_not_known() -> None:
    text, now = io.StringIO(), iter(range(0, 1000, 40))
    sink = ConsoleSink(console=Console(file=text, width=150), clock=lambda: float(next(now)))
    sink.on_progress(Progress(stage="models", done=1, total=10))
    assert text.getvalue() == "models: 1/10 (10%)\n"


@pytest.mark.parametrize(
    ("later", "shown"), [(0.0, "about 1 min 30 s left"), (60.0, "about 30 s left"), (90.0, "…")]
)
def test_the_time_left_counts_down_between_units(later: float, shown: str) -> None:
    now = 100.0
    bars = Bars(get_time=lambda: now, disable=True)
    bars.add_task("models", total=4, completed=1, end=now + 90)
    now += later
    assert TimeLeft().render(bars.tasks[0]).plain == shown


def test_a_message_is_folded_on_a_terminal_alone() -> None:
    texts = [io.StringIO(), io.StringIO()]
    for text, is_terminal in zip(texts, (True, False), strict=True):
        console = Console(file=text, force_terminal=is_terminal, width=20, color_system=None)
        ConsoleSink(console=console)._print("words that are told in one line")
    assert texts[0].getvalue() == "words that are told\nin one line\n"
    assert texts[1].getvalue() == "words that are told in one line\n"


def test_a_terminal_gets_bars() -> None:
    text = io.StringIO()
    sink = ConsoleSink(console=Console(file=text, force_terminal=True, width=120))
    sink.on_progress(Progress(stage="models", done=1, total=4, label="vivid [red]"))
    sink.close()
    assert "models" in text.getvalue()
    assert "1/4" in text.getvalue()


def test_names_cannot_steer_the_terminal(tmp_path: Path) -> None:
    text = io.StringIO()
    sink = ConsoleSink(console=Console(file=text, width=150))
    sink._print("[red]\x1b[2J\x07name")
    assert text.getvalue() == "[red]�[2J�name\n"


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.2, "0 s"), (59.0, "59 s"), (125.0, "2 min 05 s"), (4200.0, "1 h 10 min")]
)
def test_durations_are_for_people(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_the_event_log_holds_every_event_as_strict_json(spoken: tuple[Listening, str, Path]) -> None:
    events = [json.loads(line) for line in (spoken[2] / "events.jsonl").read_text().splitlines()]
    assert (events[0]["event"], events[-1]["event"]) == ("start", "finish")
    assert {event["event"] for event in events} == {"start", "progress", "record", "finish"}


def test_records_in_the_event_log_are_those_of_the_results(spoken: tuple[Listening, str, Path]) -> None:
    events = [json.loads(line) for line in (spoken[2] / "events.jsonl").read_text().splitlines()]
    told = [event["record"] for event in events if event["event"] == "record"]
    assert told == json.loads((spoken[2] / "results.json").read_text())["records"]
