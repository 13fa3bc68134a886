"""A run does what is missing, once, and its results are the same bytes however it came to them."""

import json
import multiprocessing
import os
import signal
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from ideal_bench import EXPLAINERS, PROBE, Measuring, World, composed, edits, pair, series, versions

from benchmark.record.files import OutputError, sole_writer
from benchmark.record.recording import RecordLog, open_log
from benchmark.record.records import CertificateRecord, ExplanationRecord
from benchmark.run import runner
from benchmark.run.executors import LocalExecutor
from benchmark.run.lessons import Needs
from finexl.errors import BudgetError
from finexl.values import AnyExplanation, ImagePairs, NoExplanation, ScoredExplanation

LOGS = ("explanations", "readings", "certificates")


@pytest.fixture(scope="module")
def straight(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A run that nothing disturbed."""
    world = World(root=tmp_path_factory.mktemp("straight"))
    runner.execute(world.job())
    return world


def results(world: World) -> bytes:
    return (world.root / world.output / "results.json").read_bytes()


def test_who_reads_the_levels_off_the_images_is_never_wrong(tmp_path: Path) -> None:
    rows = runner.execute(World(root=tmp_path, explainers=("measuring",)).job()).rows
    assert {row.scenario: row.value for row in rows} == {"single_aspect": 0.0, "multi_aspect": 1.0}


def test_edits_are_ranked_and_versions_ordered_by_what_their_images_show(tmp_path: Path) -> None:
    groups = (edits(), versions())
    result = runner.execute(World(root=tmp_path, groups=groups, explainers=("measuring", "flat")).job())
    assert {(row.scenario, row.explainer): row.value for row in result.rows} == {
        ("subject", "measuring"): 0.0,
        ("subject", "flat"): 1.0,
        ("versions", "measuring"): 1.0,
        ("versions", "flat"): 0.5,
    }
    assert all(record.certified for record in result.records)


def test_adapters_that_models_share_are_trained_once_and_before_them(tmp_path: Path) -> None:
    world = World(root=tmp_path, groups=(composed(),), explainers=("measuring",))
    (record,) = runner.execute(world.job()).records
    assert [line.split()[0] for line in world.log()[:6]] == [
        "made",
        "adapter",
        "adapter",
        "made",
        "made",
        "made",
    ]
    assert sorted(line for line in world.log() if line.startswith("adapter")) == [
        "adapter grainy",
        "adapter vivid",
    ]
    assert [trial.unasked for trial in record.trials] == [{"grainy": 1}] * 3
    assert [trial.reading for trial in record.trials] == [(0.0,), (10.0,), (20.0,)]


def test_adapters_of_what_a_probe_learns_from_are_trained_before_it_too(tmp_path: Path) -> None:
    world = World(root=tmp_path, groups=(series(),), explainers=("measuring",))
    taught = tuple((trial.variant, replace(PROBE, seeds=(8, 9))) for trial in composed().trials)
    runner.execute(replace(world.job(), explaining=Needs(models=taught)))
    lines = [line.split()[0] for line in world.log()]
    assert lines.count("adapter") == 2
    assert lines[: lines.index("adapter") + 2] == ["made", "adapter", "adapter"]


def test_adapters_are_not_trained_again_where_all_images_are_there(tmp_path: Path) -> None:
    world = World(root=tmp_path, groups=(composed(),), explainers=("measuring",))
    runner.execute(world.job())
    before = world.log()
    runner.execute(replace(world, explainers=("measuring", "flat")).job())
    assert not [line for line in world.log()[len(before) :] if line.startswith(("adapter", "made"))]


def test_versions_of_which_nothing_is_known_are_explained_side_by_side(tmp_path: Path) -> None:
    world = World(root=tmp_path, groups=(versions(()),), explainers=("measuring",))
    result = runner.execute(world.job())
    assert result.rows == ()
    (record,) = result.records
    assert [trial.claims[0].amount for trial in record.trials] == pytest.approx([10.0, 20.0])
    page = result.plan.files.report.read_text()
    assert "old" in page and "new" in page


def test_a_run_leaves_all_its_files(straight: World) -> None:
    folder = straight.root / "out"
    names = {
        "explanations.jsonl",
        "readings.jsonl",
        "certificates.jsonl",
        "results.json",
        "costs.json",
        "report.html",
    }
    assert names <= {path.name for path in folder.iterdir()}
    assert len(list((folder / "grids").glob("*.png"))) == 4


def test_nothing_half_written_is_left(straight: World) -> None:
    assert not list((straight.root / "out").rglob("*.aside"))


def test_a_repeated_run_makes_and_explains_nothing(straight: World) -> None:
    before = straight.log()
    runner.execute(straight.job())
    assert straight.log() == before


def test_a_repeated_run_gives_the_same_bytes(straight: World) -> None:
    before = results(straight)
    runner.execute(straight.job())
    assert results(straight) == before


def test_another_folder_gives_the_same_bytes(straight: World) -> None:
    elsewhere = replace(straight, output="elsewhere")
    runner.execute(elsewhere.job())
    assert results(elsewhere) == results(straight)


def test_two_workers_give_the_same_bytes(straight: World, tmp_path: Path) -> None:
    parallel = World(root=tmp_path, executor=LocalExecutor(workers=2))
    runner.execute(parallel.job())
    assert results(parallel) == results(straight)


def test_results_hold_no_times_and_no_folder_names(straight: World) -> None:
    text = results(straight).decode()
    assert "seconds" not in text
    assert str(straight.root) not in text


def test_costs_are_in_a_file_of_their_own(straight: World) -> None:
    costs = json.loads((straight.root / "out" / "costs.json").read_text())
    assert {cost["vlm_calls"] for cost in costs["records"]} == {2}


def test_another_explainer_reuses_models_and_earlier_records(tmp_path: Path) -> None:
    world = World(root=tmp_path)
    runner.execute(world.job())
    before = world.log()
    runner.execute(replace(world, explainers=("measuring", "flat", "joint")).job())
    assert [line for line in world.log()[len(before) :] if line != "reader"] == ["explainer joint"] * 2


def test_another_key_of_an_explainer_is_explained_again(tmp_path: Path) -> None:
    world = World(root=tmp_path, groups=(series(),), explainers=("flat",))
    runner.execute(world.job())
    result = runner.execute(replace(world.job(), explainers={"flat": "another key"}))
    assert world.log().count("explainer flat") == 2
    assert [record.provenance.explainer_key for record in result.records] == ["another key"]


def test_an_explainer_that_raises_is_counted_and_ends_nothing(tmp_path: Path) -> None:
    result = runner.execute(World(root=tmp_path, explainers=("failing", "flat")).job())
    outcomes = {
        name: count for row in result.rows if row.explainer == "failing" for name, count in row.outcomes
    }
    assert set(outcomes) == {"failed", "refused"}
    assert not result.is_sound


def test_failing_on_every_model_scores_chance(tmp_path: Path) -> None:
    result = runner.execute(World(root=tmp_path, explainers=("failing",)).job())
    values = {row.scenario: (row.value, row.chance) for row in result.rows}
    assert values["single_aspect"][0] == pytest.approx(values["single_aspect"][1])
    assert values["multi_aspect"][0] == 0


def test_a_group_is_explained_jointly_where_the_explainer_wants_it(tmp_path: Path) -> None:
    (row,) = runner.execute(World(root=tmp_path, groups=(series(),), explainers=("joint",)).job()).rows
    assert row.value == 0


def test_every_series_of_the_ideal_world_is_certified(straight: World) -> None:
    found = list(open_log(straight.root / "out" / "certificates.jsonl", CertificateRecord))
    assert [record.certified_aspects for record in found] == [(True,), (True, True)]


def test_a_run_killed_after_any_piece_of_work_ends_in_the_same_bytes(straight: World, tmp_path: Path) -> None:
    n_lines = len(straight.log())
    for kill_after in range(1, n_lines + 1, 3):
        world = World(root=tmp_path / str(kill_after))
        kill_when(world, n_lines=kill_after)
        kill_when(world, n_lines=kill_after + 1)
        runner.execute(world.job())
        assert results(world) == results(straight)
        # A kill may hit the line between doing and publishing: one unit per kill may be done again, no more.
        assert len(world.log()) <= n_lines + 2
        assert [len(lines_of(world, name)) for name in LOGS] == [4, 4, 2]


def test_a_run_killed_while_publishing_ends_in_the_same_bytes(straight: World, tmp_path: Path) -> None:
    world = World(root=tmp_path)
    kill_when(world, n_lines=len(straight.log()), patience_s=0.02)
    runner.execute(world.job())
    assert results(world) == results(straight)


def kill_when(world: World, *, n_lines: int, patience_s: float = 0.0) -> None:
    """Run in a child process and kill it, without warning, once it has done so many pieces of work."""
    child = multiprocessing.get_context("fork").Process(target=run_quietly, args=(world,))
    child.start()
    while child.is_alive() and len(world.log()) < n_lines:
        time.sleep(0.0005)
    time.sleep(patience_s)
    if child.pid is not None and child.is_alive():
        os.kill(child.pid, signal.SIGKILL)
    child.join()


def run_quietly(world: World) -> None:
    runner.execute(world.job())
    os._exit(0)


def test_an_interrupt_keeps_what_was_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(root=tmp_path)
    monkeypatch.setitem(EXPLAINERS, "flat", interrupted)
    with pytest.raises(KeyboardInterrupt):
        runner.execute(world.job())
    assert [record.explainer for record in explained(world)] == ["measuring"]
    assert not (tmp_path / "out" / "results.json").exists()


def interrupted() -> Measuring:
    raise KeyboardInterrupt


def test_two_runs_at_once_in_one_folder_are_refused(tmp_path: Path) -> None:
    world = World(root=tmp_path)
    with sole_writer(tmp_path / "out"), pytest.raises(OutputError, match="another one is writing"):
        runner.execute(world.job())


def test_a_folder_that_cannot_be_written_is_refused_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file, not a folder")
    world = World(root=tmp_path)
    with pytest.raises(OutputError, match="output="):
        runner.execute(world.job())
    assert world.log() == []


def test_a_budget_that_is_spent_ends_a_run_and_the_next_goes_on_from_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four models can be paid for: one group. With more money only what is missing is asked."""
    n_affordable, asked = 4, []

    @dataclass(frozen=True)
    class Paying(Measuring):
        def explain(self, pairs: ImagePairs) -> AnyExplanation:
            if len(asked) >= n_affordable:
                raise BudgetError("Raise vlm.budget_dollars.")
            asked.append(pairs.id)
            return super().explain(pairs)

    monkeypatch.setitem(EXPLAINERS, "paying", Paying)
    world = World(root=tmp_path, groups=(series(4), pair()), explainers=("paying",))
    with pytest.raises(BudgetError):
        runner.execute(world.job())
    assert len(explained(world)) == 1
    n_affordable = 10
    result = runner.execute(world.job())
    assert len(asked) == 10 and result.is_sound


@dataclass
class Line:
    """A connection to a model that may be down."""

    broken: tuple[int, ...] = ()
    """Levels of `vivid` about which nothing can be asked at present."""
    reason: str = "failed"
    asked: list[str] = field(default_factory=list)


def on_the_line(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """An explainer `outage` that measures what the line lets it ask."""

    @dataclass(frozen=True)
    class Outage(Measuring):
        def explain(self, pairs: ImagePairs) -> AnyExplanation:
            line.asked.append(pairs.id)
            answer = super().explain(pairs)
            assert isinstance(answer, ScoredExplanation)
            if round(answer.claims[0].amount / 10) in line.broken:
                return NoExplanation(reason=line.reason, detail="HTTP 503")
            return answer

    monkeypatch.setitem(EXPLAINERS, "outage", Outage)


def lines_of(world: World, name: str = "explanations") -> list[str]:
    return (world.root / world.output / f"{name}.jsonl").read_text().splitlines()


def explained(world: World) -> RecordLog[ExplanationRecord]:
    return open_log(world.root / world.output / "explanations.jsonl", ExplanationRecord)


@pytest.mark.parametrize("reason", ["failed", "timeout"])
def test_a_group_that_met_an_outage_is_asked_again_by_the_same_command(
    reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = Line(broken=(1, 2, 3, 4), reason=reason)
    on_the_line(line, monkeypatch)
    world = World(root=tmp_path / "a", groups=(series(4), edits(2)), explainers=("outage",))
    assert not runner.execute(world.job()).is_sound
    line.broken = ()
    n_before = len(line.asked)
    assert runner.execute(world.job()).failed_share == 0
    assert len(line.asked) - n_before == 4  # the other group is kept
    undisturbed = replace(world, root=tmp_path / "b")
    runner.execute(undisturbed.job())
    assert results(world) == results(undisturbed)
    runner.execute(world.job())
    assert len(line.asked) - n_before == 4 + 4 + 2  # the third run asked nothing


def test_another_outage_loses_nothing_and_the_better_record_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = Line(broken=(2,))
    on_the_line(line, monkeypatch)
    world = World(root=tmp_path, groups=(series(4),), explainers=("outage",))
    first = runner.execute(world.job()).records
    written = lines_of(world)
    line.broken = (1, 2, 3, 4)
    assert runner.execute(world.job()).records == first
    assert lines_of(world) == written
    line.broken = ()
    (record,) = runner.execute(world.job()).records
    assert record.n_failed == 0 and lines_of(world)[:1] == written


def test_a_retry_that_is_killed_leaves_the_record_and_the_results_of_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = Line(broken=(2,))
    on_the_line(line, monkeypatch)
    world = World(root=tmp_path, groups=(series(4),), explainers=("outage",))
    runner.execute(world.job())
    before, written = results(world), lines_of(world)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setitem(EXPLAINERS, "outage", interrupted)
        runner.execute(world.job())
    assert results(world) == before and lines_of(world) == written


@pytest.mark.parametrize("reason", ["refused", "empty", "unparsable"])
def test_what_a_model_answered_is_not_asked_again(
    reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = Line(broken=(1, 2, 3, 4), reason=reason)
    on_the_line(line, monkeypatch)
    world = World(root=tmp_path, groups=(series(4),), explainers=("outage",))
    runner.execute(world.job())
    before, line.broken = results(world), ()
    runner.execute(world.job())
    assert len(line.asked) == 4 and results(world) == before


@pytest.mark.parametrize("name", LOGS)
@pytest.mark.parametrize("n_cut", [1, 40])
def test_a_log_that_a_kill_cut_short_is_made_whole_again(
    straight: World, tmp_path: Path, name: str, n_cut: int
) -> None:
    world = World(root=tmp_path)
    runner.execute(world.job())
    log = tmp_path / "out" / f"{name}.jsonl"
    log.write_bytes(log.read_bytes()[:-n_cut])
    (tmp_path / "out" / "results.json").unlink()
    runner.execute(world.job())
    assert results(world) == results(straight)
