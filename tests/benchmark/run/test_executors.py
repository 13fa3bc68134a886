"""Units run in this process or in workers, and workers never outlive the process that started them."""

import os
import signal
from pathlib import Path

import executor_units
import pytest
from naps import alive, napping_process, within_seconds

from benchmark.config.loading import load_settings
from benchmark.parts.executors import RaySettings, SubmititSettings
from benchmark.run.executors import (
    ExecutorError,
    InlineExecutor,
    LocalExecutor,
    RayExecutor,
    SubmititExecutor,
)
from benchmark.run.jobs import build_executor
from finexl.errors import InvalidInputError


def test_inline_results_come_with_the_index_of_their_unit() -> None:
    with InlineExecutor() as executor:
        results = {index: value for index, (value, _) in executor.map(executor_units.squared, [3, 4])}
    assert results == {0: 9, 1: 16}


def test_local_results_come_with_the_index_of_their_unit_from_other_processes() -> None:
    with LocalExecutor(workers=2) as executor:
        results = dict(executor.map(executor_units.squared, [3, 4, 5]))
    assert {index: value for index, (value, _) in results.items()} == {0: 9, 1: 16, 2: 25}
    assert os.getpid() not in {process for _, process in results.values()}


def test_no_worker_is_started_for_no_units() -> None:
    with LocalExecutor(workers=2) as executor:
        assert list(executor.map(executor_units.squared, [])) == []
        assert executor._pool is None


def test_an_error_in_a_worker_arrives_with_its_type_and_message() -> None:
    with (
        LocalExecutor(workers=1) as executor,
        pytest.raises(InvalidInputError, match=r"must be even\. Got 7"),
    ):
        list(executor.map(executor_units.refused, [7]))


def test_what_a_killed_worker_left_is_done_again(tmp_path: Path) -> None:
    with LocalExecutor(workers=2) as executor:
        results = dict(executor.map(executor_units.killed_at_first, [tmp_path / "a", tmp_path / "b"]))
    assert results == {0: "a", 1: "b"}


def test_work_that_always_kills_its_worker_is_an_error_for_people() -> None:
    with LocalExecutor(workers=1) as executor, pytest.raises(ExecutorError, match="workers=1"):
        list(executor.map(executor_units.killed, [9]))


@pytest.mark.parametrize("kind", ["local", "ray", "submitit"])
def test_at_least_one_worker_is_needed(kind: str, tmp_path: Path) -> None:
    if kind != "local":
        pytest.importorskip(kind)
    build = {
        "local": lambda: LocalExecutor(workers=0),
        "ray": lambda: RayExecutor(RaySettings(), workers=0),
        "submitit": lambda: SubmititExecutor(SubmititSettings(cluster="local"), workers=0, folder=tmp_path),
    }
    with pytest.raises(InvalidInputError, match=r"at least 1\. Got 0"):
        build[kind]()


@pytest.mark.parametrize(
    ("words", "owner"),
    [
        (["executor=ray", "executor.address=head:6379"], RayExecutor),
        (["executor=submitit", "executor.cluster=local", "executor.parameters.account=me"], SubmititExecutor),
    ],
)
def test_the_command_line_chooses_the_engine(words: list[str], owner: type, tmp_path: Path) -> None:
    pytest.importorskip(words[0].removeprefix("executor="))
    chosen = load_settings(words).executor
    assert isinstance(build_executor(chosen, workers=2, folder=tmp_path), owner)


def test_a_key_that_the_chosen_executor_does_not_read_is_an_error() -> None:
    with pytest.raises(InvalidInputError, match=r"does not read `executor\.partition`"):
        load_settings(["executor=ray", "executor.partition=gpu"])


@pytest.mark.parametrize("kind", ["ray", "submitit"])
def test_an_engine_that_is_not_installed_is_said_to_be_with_what_to_install(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmark.run.executors.executor.find_spec", lambda name: None)
    with pytest.raises(InvalidInputError, match=rf"pip install 'finexl\[{kind}\]'"):
        executor_units.executor(kind, tmp_path)


@pytest.mark.parametrize("kind", ["local", "ray", "submitit"])
def test_ctrl_c_ends_every_process_and_the_exit_code_says_so(kind: str, tmp_path: Path) -> None:
    if kind != "local":
        pytest.importorskip(kind)
    process = napping_process(kind, tmp_path)
    os.killpg(process.pid, signal.SIGINT)
    _, complaints = process.communicate(timeout=300)
    assert process.returncode == 130
    assert b"Traceback" not in complaints
    assert within_seconds(lambda: not alive(process.pid))


@pytest.mark.parametrize("kind", ["local", "ray"])
def test_workers_end_when_their_parent_is_killed(kind: str, tmp_path: Path) -> None:
    if kind != "local":
        pytest.importorskip(kind)
    process = napping_process(kind, tmp_path)
    workers = {int(mark.name.partition("-")[2]) for mark in tmp_path.glob("worker-*")}
    process.kill()
    process.communicate(timeout=300)
    assert within_seconds(lambda: not workers & alive(process.pid).keys())
