"""Units run as jobs of submitit's local executor, and as an array of a Slurm that is played by two scripts."""

import os
from pathlib import Path

import executor_units
import pytest

pytest.importorskip("submitit")

from benchmark.parts.executors import SubmititSettings
from benchmark.run.executors import ExecutorError, SubmititExecutor
from finexl.errors import InvalidInputError


@pytest.fixture(autouse=True)
def importable_units(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs are new processes, which find these tests' units by the variable that they share with this one."""
    root, here = Path(__file__).parents[3], Path(__file__).parents[1]
    monkeypatch.setenv("PYTHONPATH", f"{root}{os.pathsep}{here}")


def tried(folder: Path, *, n_jobs: int = 64) -> SubmititExecutor:
    return SubmititExecutor(
        SubmititSettings(cluster="local", n_jobs=n_jobs), workers=2, folder=folder / "jobs"
    )


def test_results_come_with_the_index_of_their_unit_from_other_processes(tmp_path: Path) -> None:
    with tried(tmp_path) as executor:
        results = dict(executor.map(executor_units.squared, [3, 4, 5]))
    assert {index: value for index, (value, _) in results.items()} == {0: 9, 1: 16, 2: 25}
    assert len({os.getpid(), *(process for _, process in results.values())}) == 4


def test_units_are_dealt_to_no_more_jobs_than_allowed(tmp_path: Path) -> None:
    with tried(tmp_path, n_jobs=2) as executor:
        results = dict(executor.map(executor_units.squared, [3, 4, 5, 6, 7]))
    assert [results[index][0] for index in range(5)] == [9, 16, 25, 36, 49]
    assert results[0][1] == results[2][1] == results[4][1] != results[1][1] == results[3][1]


def test_units_compute_with_one_thread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    with tried(tmp_path) as executor:
        assert list(executor.map(executor_units.threads, [0])) == [(0, "1")]


def test_nothing_is_submitted_for_no_units(tmp_path: Path) -> None:
    with tried(tmp_path) as executor:
        assert list(executor.map(executor_units.squared, [])) == []
    assert not (tmp_path / "jobs").exists()


def test_an_error_for_people_arrives_with_its_type_and_message(tmp_path: Path) -> None:
    with tried(tmp_path) as executor, pytest.raises(InvalidInputError, match=r"must be even\. Got 7"):
        list(executor.map(executor_units.refused, [7]))


def test_the_log_of_a_job_that_failed_is_quoted_with_its_folder(tmp_path: Path) -> None:
    with (
        tried(tmp_path) as executor,
        pytest.raises(ExecutorError, match=r"(?s)failed\..*7 came to nothing") as caught,
    ):
        list(executor.map(executor_units.faulty, [7]))
    assert str(tmp_path / "jobs") in str(caught.value)


def test_what_a_killed_worker_left_is_submitted_again(tmp_path: Path) -> None:
    with tried(tmp_path) as executor:
        results = dict(executor.map(executor_units.killed_at_first, [tmp_path / "a", tmp_path / "b"]))
    assert results == {0: "a", 1: "b"}


def test_work_that_always_kills_its_worker_is_an_error_for_people(tmp_path: Path) -> None:
    with tried(tmp_path) as executor, pytest.raises(ExecutorError, match=r"executor\.minutes=240"):
        list(executor.map(executor_units.killed, [9]))


def test_slurm_is_needed_for_slurm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InvalidInputError, match=r"executor\.cluster=local"):
        SubmititExecutor(SubmititSettings(), workers=1, folder=tmp_path)


def test_a_parameter_that_submitit_does_not_know_is_an_error(slurm: Path, tmp_path: Path) -> None:
    settings = SubmititSettings(parameters={"acount": "me"})
    with (
        SubmititExecutor(settings, workers=1, folder=tmp_path / "jobs") as executor,
        pytest.raises(InvalidInputError, match="acount"),
    ):
        list(executor.map(executor_units.squared, [1]))


def test_slurm_gets_one_array_with_what_was_asked_for(slurm: Path, tmp_path: Path) -> None:
    settings = SubmititSettings(
        partition="gpu", minutes=30, gpus=1, memory_gb=8.0, parameters={"account": "me"}
    )
    with SubmititExecutor(settings, workers=2, folder=tmp_path / "jobs") as executor:
        results = dict(executor.map(executor_units.squared, [3, 4, 5]))
    assert {index: value for index, (value, _) in results.items()} == {0: 9, 1: 16, 2: 25}
    (script,) = (tmp_path / "jobs").glob("**/*submission.sh")
    lines = set(script.read_text().splitlines())
    asked = {"array=0-2%2", "partition=gpu", "time=30", "gpus-per-node=1", "mem=8GB", "account=me"}
    assert {f"#SBATCH --{each}" for each in asked} <= lines


def test_a_job_that_slurm_preempted_is_submitted_again(slurm: Path, tmp_path: Path) -> None:
    with SubmititExecutor(SubmititSettings(), workers=2, folder=tmp_path / "jobs") as executor:
        results = dict(executor.map(executor_units.killed_at_first, [tmp_path / "a", tmp_path / "b"]))
    assert results == {0: "a", 1: "b"}


@pytest.fixture
def slurm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in PATH with commands that do as Slurm's would: jobs that end without a result were preempted."""
    folder = tmp_path / "slurm"
    folder.mkdir()
    scripts = {"sbatch": _SBATCH, "srun": _SRUN, "sacct": _SACCT, "scancel": "#!/bin/sh\n"}
    for name, script in scripts.items():
        (folder / name).write_text(script)
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return folder


_SBATCH = """\
#!/bin/bash
here=$(dirname "$0")
job=$(( $(ls "$here"/jobs 2>/dev/null | wc -l) + 100 ))
mkdir -p "$here/jobs/$job"
last=$(sed -n 's/^#SBATCH --array=0-\\([0-9]*\\).*/\\1/p' "$1")
for task in $(seq 0 "${last:-0}"); do
  id=$job${last:+_$task}
  touch "$here/jobs/$job/$id"
  ( export SLURM_JOB_ID=$job ${last:+SLURM_ARRAY_JOB_ID=$job SLURM_ARRAY_TASK_ID=$task}
    bash "$1"; echo over > "$here/jobs/$job/$id" ) > /dev/null 2>&1 &
done
echo "Submitted batch job $job"
"""
_SRUN = """\
#!/bin/bash
while [[ $1 == -* ]]; do
  case $1 in --output|--error) shift 2;; *) shift;; esac
done
exec "$@"
"""
_SACCT = """\
#!/bin/bash
echo "JobID|State|NodeList"
for job in "$(dirname "$0")"/jobs/*/*; do
  if [[ -s $job ]]; then echo "$(basename "$job")|PREEMPTED|here"; else echo "$(basename "$job")|RUNNING|here"; fi
done
"""
