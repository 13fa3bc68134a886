"""Child processes report, live in the surroundings they are given, and are told apart when they die."""

import os
from pathlib import Path

import pytest

from benchmark.explain.children import ChildError, Message, Surroundings, messages


def said(
    task: str, surroundings: Surroundings | None = None, *, patience_s: float = 120.0, **given
) -> list[Message]:
    return list(messages(f"child_tasks:{task}", given, patience_s=patience_s, surroundings=surroundings))


def test_a_child_reports_what_it_was_given_and_where_it_is(tmp_path: Path) -> None:
    around = Surroundings(environment={"MARK": "x"}, arguments=("a=1", "b c"), folder=tmp_path)
    assert said("echo", around, numbers=[1, 2.5], none=None) == [
        {"given": {"numbers": [1, 2.5], "none": None}},
        {"argv": ["a=1", "b c"], "cwd": str(tmp_path.resolve()), "mark": "x"},
    ]


def test_what_was_reported_before_a_death_is_received_and_the_death_told() -> None:
    received = []
    with pytest.raises(ChildError, match=r"ended with code 7\. It printed: the last words"):
        received.extend(messages("child_tasks:die", {}, patience_s=120.0))
        raise AssertionError
    stream = messages("child_tasks:die", {}, patience_s=120.0)
    assert next(stream) == {"so": "far"}
    stream.close()


def test_a_fault_of_a_task_is_shown_with_its_traceback() -> None:
    with pytest.raises(ChildError, match=r"(?s)code 1.*Traceback.*a fault of the task"):
        said("fail")


def test_a_silent_child_is_ended() -> None:
    with pytest.raises(ChildError, match="said nothing for 1 s"):
        said("be_silent", patience_s=1.0)


def test_threads_that_go_on_hold_nobody_up() -> None:
    assert said("leave_a_thread") == [{"done": True}]


def test_a_child_has_nothing_to_read() -> None:
    assert said("read_standard_input") == [{"read": ""}]


def test_files_below_the_watched_folder_are_noted_and_no_others(tmp_path: Path) -> None:
    decoy = tmp_path / "decoy"
    (decoy / "deep").mkdir(parents=True)
    for path in (decoy / "a", decoy / "deep" / "b", tmp_path / "c"):
        path.touch()
    names = ["a", str(decoy / "deep" / "b"), str(tmp_path / "c"), "../c", os.devnull]
    around = Surroundings(folder=decoy)
    assert said("open_files", around, folder=str(decoy), names=names) == [{"opened": ["a", "deep/b"]}]


def test_peak_memory_is_the_childs_own_and_grows_with_what_it_holds() -> None:
    held_here = bytearray(200 * 2**20)
    held_here[:: 2**12] = b"x" * len(held_here[:: 2**12])
    (found,) = said("peak", mb=64)
    assert found["before"] < 150
    assert found["after"] - found["before"] == pytest.approx(64, abs=16)
