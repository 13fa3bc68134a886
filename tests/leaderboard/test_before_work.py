"""What a command line gets wrong is told before anything is run or written."""

from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

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


@pytest.fixture
def at_work(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What long work was begun with."""
    begun = list[str]()

    def begin(name: str) -> Callable[..., NoReturn]:
        def work(*given: object, **named: object) -> NoReturn:
            begun.append(name)
            raise KeyboardInterrupt

        return work

    for place in ("admit.audited", "audit.audited", "audit_shipped.audited", "enter_shipped._enter"):
        monkeypatch.setattr(f"leaderboard.cli.{place}", begin(place))
    monkeypatch.setattr("leaderboard.scores.recompute", begin("recompute"))
    return begun


def test_an_entry_that_was_admitted_before_is_not_run_again(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    submit()
    assert main(["admit", "mine", "reason=first"]) == 0
    monkeypatch.setattr("leaderboard.cli.admit.audited", lambda *given: pytest.fail("was run"))
    assert main(["admit", "mine", "reason=again", "package=suite", "despite_copies=yes"]) == 1
    assert "must be admitted once" in capsys.readouterr().err


def test_a_day_before_the_last_lines_ends_admission_before_anything_is_run(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    submit()
    assert main(["admit", "mine", "reason=first", "day=2020-03-01"]) == 0
    facts = (home / "facts.json").read_text(encoding="utf-8").replace('"brightness"', '"other"')
    (home / "facts.json").write_text(facts, encoding="utf-8")
    submit("other")
    monkeypatch.setattr("leaderboard.cli.admit.audited", lambda *given: pytest.fail("was run"))
    words = ["admit", "other", "reason=x", "day=1950-01-01", "despite_copies=yes"]
    assert main(words) == 1
    assert "must not be older than the one before, of 2020-03-01" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["audit ENTRY", "audit-shipped", "enter-shipped", "rescore all"])
def test_a_day_before_the_last_lines_is_told_before_any_work(
    command: str, home: Path, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    submit()
    assert main(["admit", "mine", "reason=first", "day=2020-03-01"]) == 0
    begun = request.getfixturevalue("at_work")
    words = command.replace("ENTRY", entries(home)[0].admission.entry).split()
    assert main([*words, "reason=x", "day=1950-01-01"]) == 1
    assert "must not be older" in capsys.readouterr().err and begun == []


@pytest.mark.parametrize("word", ["", "board="])
@pytest.mark.parametrize("command", ["verify", "build", "ledger", "serve", "admit", "audit"])
def test_what_an_unset_variable_leaves_is_no_folder(
    command: str, word: str, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(home / "board")  # a board is there
    assert main([command, word]) == 2
    told = capsys.readouterr().err
    assert (
        f"behind `{command}` must not be empty" in told or "`board` must have a value. Got 'board='" in told
    )


def test_a_board_is_not_begun_in_a_folder_that_nobody_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["init", ""]) == 2
    assert "A word behind `init` must not be empty" in capsys.readouterr().err
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("place", ["mine.py/", "mine.py/board", "half"])
def test_a_board_is_not_begun_below_a_file(
    place: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "half").mkdir()
    (home / "half" / "submissions").write_bytes(b"")
    assert main(["init", place]) == 1
    assert (
        f"`FOLDER` of a board must be a place for files. Got '{place.rstrip('/')}'" in capsys.readouterr().err
    )
    assert [path.name for path in (home / "half").iterdir()] == ["submissions"]
