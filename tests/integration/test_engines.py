"""The real command line on each engine, a worker killed in the middle: the same bytes as in one process."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TINY = (
    "scenario=multi_aspect", "explainer=random,constant", "preset=smoke", "preset.n_prompts=3", "preset.pair_steps=2",
    "generator.n_sampling_steps=2", "wandb=off",
)  # fmt: skip
ENGINES = {
    "ray": ("executor=ray", "executor.address=local"),
    "submitit": ("executor=submitit", "executor.cluster=local", "executor.n_jobs=2"),
}
AT_WORK = {"ray": b"ray::_done_in", "submitit": b"submitit.core._submit"}
"""What the command line of a process says that is at work on a unit."""


def started(output: Path, store: Path, *more: str) -> subprocess.Popen[str]:
    words = (*TINY, f"output={output}", f"store={store}", "workers=2", *more)
    return subprocess.Popen(
        [sys.executable, "-m", "benchmark", "run", *words],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@pytest.fixture(scope="module")
def inline(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, Path]:
    """The results of a run in one process, and its store, from which the others take the models."""
    folder = tmp_path_factory.mktemp("inline")
    process = started(folder / "out", folder / "store", "executor=inline")
    _, complaints = process.communicate(timeout=300)
    assert process.returncode == 0, complaints
    return (folder / "out" / "results.json").read_bytes(), folder / "store"


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
def test_an_engine_that_lost_a_worker_writes_the_same_bytes_as_one_process(
    engine: str, inline: tuple[bytes, Path], tmp_path: Path
) -> None:
    pytest.importorskip(engine)
    results, store = inline
    process = started(tmp_path / "out", store, *ENGINES[engine])
    os.kill(worker(process, at_work=AT_WORK[engine]), signal.SIGKILL)
    _, complaints = process.communicate(timeout=300)
    assert process.returncode == 0, complaints
    assert "was lost" in complaints
    assert (tmp_path / "out" / "results.json").read_bytes() == results


def worker(process: subprocess.Popen[str], *, at_work: bytes, limit_s: float = 120) -> int:
    """A process of a run that is at work, as soon as there is one."""
    end = time.monotonic() + limit_s
    while process.poll() is None and time.monotonic() < end:
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                session = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[3])
                if session == process.pid and at_work in (folder / "cmdline").read_bytes():
                    return int(folder.name)
            except (FileNotFoundError, ProcessLookupError):
                continue
        time.sleep(0.02)
    raise AssertionError(f"No worker was seen at work. {process.communicate()[1]}")
