"""Units run as tasks of a real Ray on this machine, one for all these tests."""

import os
from collections.abc import Iterator
from pathlib import Path

import executor_units
import pytest

pytest.importorskip("ray")

from benchmark.parts.executors import RaySettings
from benchmark.run.executors import ExecutorError, RayExecutor
from finexl.errors import InvalidInputError


@pytest.fixture(scope="module")
def executor() -> Iterator[RayExecutor]:
    with RayExecutor(RaySettings(address="local"), workers=2) as executor:
        yield executor


def test_what_this_machine_does_not_have_is_an_error_instead_of_a_wait() -> None:
    asked = RaySettings(address="local", gpus=64.0)
    with (
        RayExecutor(asked, workers=1) as executor,
        pytest.raises(InvalidInputError, match="at most what this machine has"),
    ):
        list(executor.map(executor_units.squared, [1]))


def test_results_come_with_the_index_of_their_unit_from_other_processes(executor: RayExecutor) -> None:
    results = dict(executor.map(executor_units.squared, [3, 4, 5]))
    assert {index: value for index, (value, _) in results.items()} == {0: 9, 1: 16, 2: 25}
    assert os.getpid() not in {process for _, process in results.values()}


def test_units_compute_with_one_thread(executor: RayExecutor) -> None:
    assert list(executor.map(executor_units.threads, [0])) == [(0, "1")]


def test_units_run_in_the_folder_that_the_run_was_started_in(
    executor: RayExecutor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert list(executor.map(os.path.abspath, ["here"])) == [(0, str(tmp_path / "here"))]


def test_an_error_in_a_worker_arrives_with_its_type_and_message(executor: RayExecutor) -> None:
    with pytest.raises(InvalidInputError, match=r"^`number` must be even\. Got 7\.$"):
        list(executor.map(executor_units.refused, [7]))


def test_what_a_killed_worker_left_is_done_again(executor: RayExecutor, tmp_path: Path) -> None:
    marks = [tmp_path / "a", tmp_path / "b"]
    assert dict(executor.map(executor_units.killed_at_first, marks)) == {0: "a", 1: "b"}


def test_work_that_always_kills_its_worker_is_an_error_for_people(executor: RayExecutor) -> None:
    with pytest.raises(ExecutorError, match=r"workers=1.*same command again"):
        list(executor.map(executor_units.killed, [9]))


def test_a_ray_that_runs_is_used_and_left_alone(executor: RayExecutor) -> None:
    list(executor.map(executor_units.squared, [1]))
    with RayExecutor(RaySettings(), workers=1) as other:
        list(other.map(executor_units.squared, [1]))
    assert next(iter(executor.map(executor_units.squared, [2])))[1][0] == 4
