"""The real command line on the real miniature, as small as it gets: smoke, kill, resume, damage, misuse."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TINY = (
    "preset=smoke", "preset.n_prompts=3", "preset.pair_steps=2", "preset.first_step=1",
    "preset.steps_per_level=1", "preset.n_levels=3", "generator.n_sampling_steps=2",
)  # fmt: skip


def command(output: Path, store: Path, *more: str) -> list[str]:
    words = (*TINY, f"output={output}", f"store={store}", *more)
    return [sys.executable, "-m", "benchmark", "run", *words]


def run(output: Path, store: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(output, store, *more), cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Output and store of an undisturbed run with two workers."""
    folder = tmp_path_factory.mktemp("finished")
    done = run(folder / "out", folder / "store", "workers=2")
    assert done.returncode == 0, done.stderr
    return folder / "out", folder / "store"


@pytest.mark.slow
def test_a_run_leaves_results_a_report_grids_and_a_table(finished: tuple[Path, Path]) -> None:
    output, store = finished
    again = run(output, store)
    assert "oracle_probe" in again.stdout and "selection" in again.stdout
    assert json.loads((output / "results.json").read_text())
    assert "<html" in (output / "report.html").read_text()
    assert len(list((output / "grids").glob("*.png"))) >= 2
    assert list((output / "wandb").rglob("*.wandb"))


@pytest.mark.slow
def test_one_worker_after_a_kill_writes_the_same_bytes_as_two_undisturbed(
    finished: tuple[Path, Path], tmp_path: Path
) -> None:
    output, store = tmp_path / "out", tmp_path / "store"
    process = subprocess.Popen(
        command(output, store, "executor=inline", "wandb=off"), cwd=ROOT,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    deadline = time.monotonic() + 120
    while not list((store / "images").glob("*")) and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    resumed = run(output, store, "executor=inline", "wandb=off")
    assert resumed.returncode == 0, resumed.stderr
    assert results(output) == results(finished[0])


@pytest.mark.slow
def test_a_damaged_store_entry_is_set_aside_and_made_again(
    finished: tuple[Path, Path], tmp_path: Path
) -> None:
    output, store = finished
    victim = next(path for path in sorted((store / "images").rglob("*.safetensors")))
    victim.write_bytes(victim.read_bytes()[:100])
    rebuilt = run(tmp_path / "out", store, "executor=inline", "wandb=off")
    assert rebuilt.returncode == 0, rebuilt.stderr
    assert results(tmp_path / "out") == results(output)


def test_a_mistyped_scenario_is_explained_without_a_traceback() -> None:
    words = [sys.executable, "-m", "benchmark", "run", "scenario=multi-aspect"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "Did you mean scenario=multi_aspect?" in done.stderr and "Traceback" not in done.stderr


def test_an_output_that_cannot_be_written_is_explained(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file where the folder should be")
    done = run(tmp_path / "out", tmp_path / "store")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr and str(tmp_path / "out") in done.stderr


def results(output: Path) -> dict:
    """results.json without what names the place of the run."""
    content = json.loads((output / "results.json").read_text())
    settings = content.get("settings", {})
    for place in ("output", "store", "workers", "executor", "wandb", "quiet"):
        settings.pop(place, None)
    return content
