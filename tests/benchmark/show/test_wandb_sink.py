"""W&B: real runs on the disk, read back record by record, and sent to a server of this machine."""

import json
import os
import shutil
import socket
from pathlib import Path

import pytest
import wandb
import wandb_file
from ideal_bench import World
from wandb_server import served

from benchmark.run import runner
from benchmark.show.report import FinishedRun
from benchmark.show.runs import RunResult
from benchmark.show.wandb_sink import (
    WandbError,
    WandbSink,
    check_server,
    is_sent,
    keep,
    mode_of,
    send,
    stories_of,
)
from benchmark.show.wandb_story import Story

EXPLAINERS = ("measuring", "flat")
SCENARIOS = ("single_aspect", "multi_aspect")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose name is a pattern to whoever does not quote it."""
    return tmp_path_factory.mktemp("runs") / "lite [1] *"


@pytest.fixture(scope="module")
def result(root: Path) -> RunResult:
    """A run that was told to W&B offline."""
    sink = WandbSink(mode="offline", settings={"seed": 1}, provenance={"benchmark": "1"})
    found = runner.execute(World(root=root, explainers=EXPLAINERS, sinks=(sink,)).job())
    wandb.teardown()  # waits until everything is on the disk, as the end of a process does
    return found


@pytest.fixture(scope="module")
def told(result: RunResult) -> dict[str, Story]:
    run = FinishedRun(result=result, settings={"seed": 1}, provenance={"benchmark": "1"})
    return {story.scenario: story for story in stories_of(run)}


@pytest.fixture(scope="module")
def offline(result: RunResult, told: dict[str, Story]) -> dict[str, list]:
    """What W&B's files hold of each scenario."""
    folder = result.plan.files.folder / "wandb"
    files = {
        scenario: next(path for path in folder.rglob("*.wandb") if path.name == f"run-{story.id}.wandb")
        for scenario, story in told.items()
    }
    return {scenario: wandb_file.records(path) for scenario, path in files.items()}


def n_kept(folder: Path) -> int:
    return sum(path.name.startswith("offline-run-") for path in (folder / "wandb").iterdir())


def opened(records: list) -> object:
    return next(record.run for record in records if record.HasField("run"))


def summary(records: list) -> dict[str, object]:
    items = [item for record in records if record.HasField("summary") for item in record.summary.update]
    return {item.key or "/".join(item.nested_key): json.loads(item.value_json) for item in items}


def history(records: list) -> dict[str, object]:
    items = [item for record in records if record.HasField("history") for item in record.history.item]
    return {item.key or "/".join(item.nested_key): json.loads(item.value_json) for item in items}


def test_there_is_one_run_for_each_scenario_in_the_group_of_the_benchmark_run(offline) -> None:
    runs = {scenario: opened(records) for scenario, records in offline.items()}
    assert {name: (run.run_group, run.display_name) for name, run in runs.items()} == {
        name: ("ideal", f"ideal/{name}") for name in SCENARIOS
    }


def test_the_summary_is_every_stored_score(result: RunResult, offline) -> None:
    row = next(r for r in result.rows if (r.scenario, r.explainer) == ("multi_aspect", "measuring"))
    found = summary(offline["multi_aspect"])
    assert found["measuring/selection_accuracy"] == row.value == 1
    assert found["measuring/track"] == "solo"
    assert {f"measuring/{score.name}" for score in row.scores} <= found.keys()
    assert "measuring/selection_accuracy_low" not in found  # a single group has no spread
    assert summary(offline["single_aspect"])["measuring/rank_mae"] == 0


def test_tables_have_a_row_for_each_explainer_each_model_and_each_explanation(offline) -> None:
    found = history(offline["multi_aspect"])
    sizes = {name: found[f"{name}/nrows"] for name in ("scores", "models", "explanations")}
    assert sizes == {"scores": 2, "models": 6, "explanations": 12}


def test_every_picture_of_a_scenario_is_kept_once(result: RunResult, told: dict[str, Story]) -> None:
    columns = told["multi_aspect"].tables["models"].columns
    cells = told["multi_aspect"].tables["models"].cells
    assert columns[3:] == ("base", "personalized", *EXPLAINERS)
    assert len({id(row[3]) for row in cells}) == 1 and len({id(row[4]) for row in cells}) == 6
    media = list((result.plan.files.folder / "wandb").rglob("*.png"))
    assert len(media) <= len(cells) + 1 + 5


def test_everything_is_kept_below_the_output_folder(result: RunResult, offline) -> None:
    assert n_kept(result.plan.files.folder) == len(SCENARIOS)


def test_names_of_files_hold_nothing_that_a_file_system_refuses(result: RunResult, offline) -> None:
    folder = result.plan.files.folder / "wandb"
    kept = [path.relative_to(folder).parts for path in folder.rglob("*")]
    assert not [
        parts for parts in kept if any(letter in '<>:"\\|?*[] +' for part in parts for letter in part)
    ]


def test_the_same_results_told_again_add_nothing(result: RunResult, root: Path, offline) -> None:
    sink = WandbSink(mode="offline", settings={"seed": 1}, provenance={})
    runner.execute(World(root=root, explainers=EXPLAINERS, sinks=(sink,)).job())
    assert n_kept(result.plan.files.folder) == len(SCENARIOS)


def test_ids_follow_from_results_alone(told: dict[str, Story], tmp_path: Path) -> None:
    again = runner.execute(World(root=tmp_path, explainers=EXPLAINERS).job())
    found = stories_of(FinishedRun(result=again, settings={}, provenance={}))
    assert {story.scenario: story.id for story in found} == {name: one.id for name, one in told.items()}


def test_other_results_have_another_id(told: dict[str, Story], tmp_path: Path) -> None:
    fewer = runner.execute(World(root=tmp_path, explainers=("flat",)).job())
    found = stories_of(FinishedRun(result=fewer, settings={}, provenance={}))
    assert not {story.id for story in found} & {story.id for story in told.values()}


def test_nothing_is_printed(
    told: dict[str, Story], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    keep([told["single_aspect"]], tmp_path)
    assert capfd.readouterr() == ("", "")


def test_a_sent_run_is_one_run_with_all_its_tables(
    told: dict[str, Story], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, story = tmp_path / "sent [2]", told["single_aspect"]
    with served() as server:
        monkeypatch.setenv("WANDB_BASE_URL", server.address)
        monkeypatch.setenv("WANDB_API_KEY", "k" * 40)
        monkeypatch.setenv("WANDB_CONFIG_DIR", str(tmp_path))
        assert list(send([story], folder)) == []
        assert {run["name"] for run in server.runs} == {story.id}
        assert {run["project"] for run in server.runs} == {"finexl"}
        assert [offset for offset, lines in server.history if lines] == [0]
        tables = {Path(name).name.split("_")[0] for name in server.files if "media/table" in name}
        assert tables == {"scores", "models", "explanations"}
        n_before = server.n_requests
        assert is_sent(story, folder) and list(send([story], folder)) == []
        assert server.n_requests == n_before


def test_what_could_not_be_sent_is_given_back_and_tried_again(told: dict[str, Story], tmp_path: Path) -> None:
    story = told["single_aspect"]
    assert list(send([story], tmp_path, sending=lambda _: False)) == [story]
    assert not is_sent(story, tmp_path)
    assert list(send([story], tmp_path, sending=lambda _: True)) == [] and is_sent(story, tmp_path)


def closed_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def test_a_server_that_is_away_is_not_waited_for_and_the_run_is_kept(
    result: RunResult, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WANDB_BASE_URL", f"http://127.0.0.1:{closed_port()}")
    monkeypatch.setenv("WANDB_API_KEY", "k" * 40)

    monkeypatch.setattr("benchmark.show.wandb_sink.send", lambda *_: pytest.fail("somebody waits for it"))
    modes, begin = [], wandb.init
    monkeypatch.setattr(wandb, "init", lambda **given: modes.append(given["mode"]) or begin(**given))
    folder = tmp_path / "online"
    shutil.copytree(root, folder, ignore=shutil.ignore_patterns("wandb"))
    sink = WandbSink(mode="online", settings={}, provenance={})
    runner.execute(World(root=folder, explainers=EXPLAINERS, sinks=(sink,)).job())
    assert n_kept(folder / "out") == len(SCENARIOS)
    assert modes == ["offline"] * len(SCENARIOS)


def test_sending_needs_a_key(tmp_path: Path) -> None:
    with pytest.raises(WandbError, match="WANDB_API_KEY"):
        check_server({"NETRC": str(tmp_path / "none")})


def test_a_server_that_does_not_answer_is_named() -> None:
    with pytest.raises(WandbError, match=r"127\.0\.0\.1"):
        check_server({"WANDB_API_KEY": "k", "WANDB_BASE_URL": f"http://127.0.0.1:{closed_port()}"})


def test_staging_leaves_the_environment_as_it_was(told: dict[str, Story], tmp_path: Path) -> None:
    before = os.environ.get("WANDB_DATA_DIR")
    keep([told["single_aspect"]], tmp_path)
    assert os.environ.get("WANDB_DATA_DIR") == before


def test_a_disabled_sink_writes_nothing(tmp_path: Path) -> None:
    sink = WandbSink(mode="disabled", settings={}, provenance={})
    runner.execute(World(root=tmp_path, explainers=("flat",), sinks=(sink,)).job())
    assert not list(tmp_path.rglob("wandb"))


def test_without_a_key_the_mode_is_offline(tmp_path: Path) -> None:
    nowhere = {"NETRC": str(tmp_path / "none")}
    assert mode_of("auto", nowhere) == "offline"
    assert mode_of("auto", {**nowhere, "WANDB_API_KEY": "k"}) == "online"
    assert mode_of("offline", {**nowhere, "WANDB_API_KEY": "k"}) == "offline"
    assert mode_of("auto", {**nowhere, "WANDB_API_KEY": "k", "WANDB_MODE": "offline"}) == "offline"


def test_a_user_who_disabled_wandb_is_heeded() -> None:
    assert mode_of("auto", {"WANDB_API_KEY": "k", "WANDB_MODE": "disabled"}) == "disabled"


def test_a_netrc_entry_is_a_key_of_its_own_server(tmp_path: Path) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine api.wandb.ai login user password secret\n")
    assert mode_of("auto", {"NETRC": str(netrc)}) == "online"
    elsewhere = {"NETRC": str(netrc), "WANDB_BASE_URL": "https://wandb.example.org"}
    assert mode_of("auto", elsewhere) == "offline"
