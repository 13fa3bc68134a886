"""Units run in this process or in workers, and workers never outlive the process that started them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import executor_units
import pytest

from benchmark.run.executors import ExecutorError, InlineExecutor, LocalExecutor
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


def test_a_worker_that_is_killed_is_an_error_for_people() -> None:
    with LocalExecutor(workers=1) as executor, pytest.raises(ExecutorError, match="workers=1"):
        list(executor.map(executor_units.killed, [9]))


def test_at_least_one_worker_is_needed() -> None:
    with pytest.raises(InvalidInputError, match=r"at least 1\. Got 0"):
        LocalExecutor(workers=0)


def test_ctrl_c_ends_the_workers_and_the_exit_code_says_so(tmp_path: Path) -> None:
    process = _napping_process(tmp_path)
    workers = _workers(tmp_path)
    os.killpg(process.pid, signal.SIGINT)
    _, complaints = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"Traceback" not in complaints
    assert _within_seconds(lambda: not any(map(_is_alive, workers)))


def test_workers_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    process = _napping_process(tmp_path)
    workers = _workers(tmp_path)
    process.kill()
    process.communicate(timeout=60)
    assert _within_seconds(lambda: not any(map(_is_alive, workers)))


def _napping_process(folder: Path) -> subprocess.Popen:
    root = Path(__file__).parents[3]
    return subprocess.Popen(
        [sys.executable, executor_units.__file__, str(folder)],
        env={**os.environ, "PYTHONPATH": str(root)},
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=_hear_interrupts,
    )


def _hear_interrupts() -> None:
    """A shell starts background jobs deaf to Ctrl-C, and children inherit it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _workers(folder: Path) -> list[int]:
    def pids() -> list[int]:
        return [int(path.name.partition("-")[2]) for path in folder.glob("worker-*")]

    assert _within_seconds(lambda: len(pids()) == 2)
    return pids()


def _within_seconds(condition: Callable[[], bool], *, limit_s: float = 60) -> bool:
    end = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def _is_alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"
