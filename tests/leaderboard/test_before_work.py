"""What a command line gets wrong is told before anything is run or written."""

from pathlib import Path

import pytest

from leaderboard.cli import main
from leaderboard.ledger.chain import Standing, read_ledger


def submit(output: str = "mine") -> int:
    words = ["explanations=answers.jsonl", "facts=facts.json", "code=mine.py", f"output={output}"]
    return main(["submit", *words])


def entries(home: Path) -> list[Standing]:
    return read_ledger(home / "board" / "ledger.jsonl").on_board


@pytest.mark.parametrize("package", ["nowhere", "nowhere.whl", "facts.json"])
def test_a_package_that_is_none_is_refused_before_anything_is_written(
    package: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    submit()
    assert main(["admit", "mine", "reason=first", f"package={package}"]) == 2
    assert (
        f"a wheel that is there, the folder of a project, or one of: requirement, suite. Got '{package}'"
        in (capsys.readouterr().err)
    )
    assert read_ledger(home / "board" / "ledger.jsonl").lines == ()
    assert main(["admit", "mine", "reason=first", "day=2020-03-01"]) == 0
    assert main(["audit", entries(home)[0].admission.entry, "reason=a wish", f"package={package}"]) == 2
    assert len(read_ledger(home / "board" / "ledger.jsonl").lines) == 1


def test_a_package_that_cannot_be_run_is_noted_with_one_full_stop(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    submit()
    assert main(["admit", "mine", "reason=first", "day=2020-03-01"]) == 0
    (home / "mine.whl").write_text("no archive", encoding="utf-8")
    assert main(["audit", entries(home)[0].admission.entry, "reason=a wish", "package=mine.whl"]) == 0
    assert capsys.readouterr().out.endswith(" mine.whl is none.\n")
    (standing,) = entries(home)
    assert standing.audit.status == "not run"
