"""Bugs that are planted turn a named test red; here that the planting itself can be trusted.

All of them are planted by `make planted`.
"""

import ast
from pathlib import Path

import pytest
from bugs import BUGS, Bug
from plant import ROOT, PlantingError, copied, fault_of, hunted, planted


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_every_edit_applies_and_leaves_code_that_parses(bug: Bug) -> None:
    ast.parse(planted(bug, (ROOT / bug.file).read_text(encoding="utf-8")))


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_every_named_test_is_there(bug: Bug) -> None:
    file, _, name = bug.test.partition("[")[0].partition("::")
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_names_are_unique() -> None:
    assert len({bug.name for bug in BUGS}) == len(BUGS)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small project with a test of its only function."""
    (tmp_path / "one.py").write_text("def one():\n    return 1\n")
    (tmp_path / "test_one.py").write_text(
        "from one import one\n\n\ndef test_one():\n    assert one() == 1\n\n\ndef test_nothing():\n    one()\n"
    )
    return tmp_path


def bug_in_one(*, right: str = "return 1", wrong: str = "return 2", test: str = "test_one") -> Bug:
    return Bug(name="b", file="one.py", right=right, wrong=wrong, test=f"test_one.py::{test}")


def test_a_bug_that_its_test_sees_is_caught_and_taken_out_again(project: Path) -> None:
    before = (project / "one.py").read_bytes()
    assert hunted([bug_in_one()], project) == []
    assert (project / "one.py").read_bytes() == before


def test_a_bug_that_its_test_does_not_see_survives(project: Path) -> None:
    assert "SURVIVED" in fault_of(bug_in_one(test="test_nothing"), project).fault


def test_a_bug_that_ends_the_test_before_it_begins_is_not_caught(project: Path) -> None:
    assert "could not run" in fault_of(bug_in_one(test="test_that_is_gone"), project).fault


@pytest.mark.parametrize("right", ["return 3", "n"])
def test_an_edit_that_does_not_apply_once_is_a_fault(project: Path, right: str) -> None:
    assert "must apply once" in fault_of(bug_in_one(right=right), project).fault
    with pytest.raises(PlantingError):
        planted(bug_in_one(right=right), "def one():\n    return 1\n")


def test_a_test_that_is_red_anyway_proves_nothing(project: Path) -> None:
    (project / "one.py").write_text("def one():\n    return 0\n")
    assert hunted([bug_in_one(right="return 0")], project)


def test_a_copy_is_left_alone_by_what_happens_to_the_other(project: Path, tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    copied(project, scratch, ["one.py", "test_one.py"])
    assert fault_of(bug_in_one(), scratch).red == ("test_one.py::test_one",)
    assert (project / "one.py").read_text() == "def one():\n    return 1\n"
