"""W&B offline: real runs on the disk, read back record by record."""

import json
from pathlib import Path

import pytest
import wandb
import wandb_file
from ideal_bench import World

from benchmark.run import runner
from benchmark.show.runs import RunResult
from benchmark.show.wandb_sink import WandbSink, mode_of, run_id

EXPLAINERS = ("measuring", "flat")


@pytest.fixture(scope="module")
def offline(tmp_path_factory: pytest.TempPathFactory) -> tuple[RunResult, dict[str, list]]:
    """A run told to W&B, and what its files hold for each explainer."""
    root = tmp_path_factory.mktemp("wandb")
    sink = WandbSink(mode="offline", settings={"seed": 1})
    result = runner.execute(World(root=root, explainers=EXPLAINERS, sinks=(sink,)).job())
    wandb.teardown()  # waits until everything is on the disk, as the end of a process does
    files = {name: next((root / "out").rglob(f"run-{run_id('ideal', name)}.wandb")) for name in EXPLAINERS}
    return result, {name: wandb_file.records(path) for name, path in files.items()}


def opened(records: list) -> object:
    return next(record.run for record in records if record.HasField("run"))


def summary(records: list) -> dict[str, object]:
    items = [item for record in records if record.HasField("summary") for item in record.summary.update]
    return {item.key or "/".join(item.nested_key): json.loads(item.value_json) for item in items}


def history(records: list) -> dict[str, object]:
    items = [item for record in records if record.HasField("history") for item in record.history.item]
    return {item.key or "/".join(item.nested_key): json.loads(item.value_json) for item in items}


def test_there_is_one_run_per_explainer_in_the_group_of_the_benchmark_run(offline) -> None:
    runs = {name: opened(records) for name, records in offline[1].items()}
    assert {name: (run.run_group, run.display_name) for name, run in runs.items()} == {
        name: ("ideal", f"ideal/{name}") for name in EXPLAINERS
    }


def test_the_summary_is_every_score_of_the_row(offline) -> None:
    result, records = offline
    row = next(r for r in result.rows if (r.scenario, r.explainer) == ("multi_aspect", "measuring"))
    told = summary(records["measuring"])
    assert told["multi_aspect/selection_accuracy"] == row.value == 1
    assert told["multi_aspect/track"] == "solo"
    assert {f"multi_aspect/{score.name}" for score in row.scores} <= told.keys()
    assert "multi_aspect/selection_accuracy_low" not in told  # a single group has no spread
    assert told["single_aspect/rank_mae"] == 0


def test_every_group_is_logged_as_it_is_done(offline) -> None:
    told = history(offline[1]["flat"])
    assert told["single_aspect/group/score"] == pytest.approx(1.0)
    assert told["multi_aspect/group/score"] == pytest.approx(1 / 6)


def test_the_table_has_a_row_for_every_model(offline) -> None:
    told = history(offline[1]["measuring"])
    assert (told["models/nrows"], told["models/ncols"]) == (10, 9)


def test_sample_grids_are_images_of_the_run(offline) -> None:
    told = history(offline[1]["measuring"])
    names = {name for name in told if name.startswith("grids/") and name.endswith("/caption")}
    assert names == {f"grids/{group.id}/caption" for group in offline[0].plan.groups}


def test_everything_is_kept_below_the_output_folder(offline) -> None:
    folder = offline[0].plan.files.folder
    assert {path.parent for path in folder.rglob("offline-run-*")} == {folder / "wandb"}


def test_nothing_is_printed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    sink = WandbSink(mode="offline", settings={})
    runner.execute(World(root=tmp_path, explainers=("flat",), sinks=(sink,)).job())
    assert capfd.readouterr() == ("", "")


def test_ids_of_runs_repeat() -> None:
    assert run_id("ideal", "flat") == run_id("ideal", "flat")
    assert run_id("ideal", "flat") != run_id("ideal", "measuring")


def test_without_a_key_the_mode_is_offline(tmp_path: Path) -> None:
    nowhere = {"NETRC": str(tmp_path / "none")}
    assert mode_of("auto", nowhere) == "offline"
    assert mode_of("auto", {**nowhere, "WANDB_API_KEY": "k"}) == "online"
    assert mode_of("offline", {**nowhere, "WANDB_API_KEY": "k"}) == "offline"
    assert mode_of("auto", {**nowhere, "WANDB_API_KEY": "k", "WANDB_MODE": "offline"}) == "offline"


def test_a_netrc_entry_is_a_key(tmp_path: Path) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine api.wandb.ai login user password secret\n")
    assert mode_of("auto", {"NETRC": str(netrc)}) == "online"
