"""The commands as a person gives them."""

from pathlib import Path

import pytest

from benchmark.cli import main


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["table", "13"], "There is no table 13; tables: 1–12."),
        (["figure", "11"], "There is no figure 11; figures: 6–10, 12–14."),
        (["table"], "`table` takes a number, and then keys. Got none. Tables: 1–12."),
        (["figure", "preset=smoke"], "`figure` takes a number, and then keys. Got preset=smoke."),
        (["paper", "scenario=toy"], "`scenario` must be left to tables and figures"),
    ],
)
def test_what_does_not_exist_ends_with_code_2_and_says_what_does(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    assert said in capsys.readouterr().err


def test_a_dry_run_names_every_run_once_with_what_needs_it_and_the_sum(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["table", "1", "--dry-run", "preset=smoke", f"store={tmp_path}", f"output={tmp_path}"]) == 0
    said = capsys.readouterr().out
    for corpus in ("synthetic", "style_transfer", "wikiart"):
        assert f"single_aspect-{corpus}: 5 models, 0% in the store, about 0.5 min" in said
    assert "In all about 2 min on two cores" in said and not (tmp_path / "pages").exists()


def test_claims_are_checked_on_what_is_written_so_far(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["paper", "claims", "preset=smoke", f"output={tmp_path}", f"store={tmp_path}"]) == 0
    assert "does not hold: Synthetic 56%, Style transfer 24%, WikiArt 36%" in capsys.readouterr().out
    page = (tmp_path / "pages" / "claims.md").read_text()
    assert str(tmp_path) not in page and "Made by `python -m benchmark paper claims preset=smoke`" in page
