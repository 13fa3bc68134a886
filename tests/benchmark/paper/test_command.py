"""The commands as a person gives them."""

from pathlib import Path

import pytest

from benchmark.cli import main
from benchmark.paper import reproducing
from benchmark.paper.asking import read_words
from benchmark.paper.desk import Desk
from benchmark.paper.figures.figure import PaperFigure
from benchmark.paper.specification import Specification, specification
from benchmark.show.drawing import Drawing
from finexl.errors import InvalidInputError

MADE = {"command": "python -m benchmark paper", "preset": "smoke", "seed": 0, "versions": {"python": "3"}}
FIGURE = PaperFigure(
    name="figure_6",
    heading="Figure 6",
    title="Amounts",
    section="6.1",
    drawing=Drawing(width=4.0, height=4.0),
)


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
    assert "Table 1; nothing is done.\n" in said and "Without a run" not in said


def test_a_dry_run_names_what_needs_no_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["table", "8", "--dry-run", "preset=smoke", f"store={tmp_path}", f"output={tmp_path}"]) == 0
    assert "Without a run, in a few minutes: Table 8.\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [
        ["table", "8", "preset.n_prompts=100000"],
        ["figure", "12", "preset.n_prompts=0"],
        ["table", "11", "seed=x"],
    ],
)
def test_a_dry_run_refuses_settings_also_of_what_runs_nothing(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words, "--dry-run", "preset=smoke", f"output={tmp_path}"]) in (1, 2)
    key = words[-1].partition("=")[0]
    assert f"`{key}` must be" in capsys.readouterr().err


def test_claims_are_checked_on_what_is_written_so_far(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["paper", "claims", "preset=smoke", f"output={tmp_path}", f"store={tmp_path}"]) == 0
    assert "does not hold: Synthetic 56%, Style transfer 24%, WikiArt 36%" in capsys.readouterr().out
    page = (tmp_path / "pages" / "claims.md").read_text()
    assert str(tmp_path) not in page and "Made by `python -m benchmark paper claims preset=smoke`" in page


def test_claims_of_a_folder_without_tables_are_refused_and_it_is_not_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["paper", "claims", f"pages={tmp_path / 'typo'}"]) == 2
    assert "`pages` must be a folder of tables" in capsys.readouterr().err
    assert not (tmp_path / "typo").exists()


def test_of_several_those_that_can_be_made_are_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def made(spec: Specification, desk: Desk) -> PaperFigure:
        if spec.number == 12:
            raise InvalidInputError("The disk must hold the corpus.")
        return FIGURE

    monkeypatch.setattr(reproducing, "make_figure", made)
    monkeypatch.setattr(reproducing, "provenance", lambda desk, command: MADE)
    asked = read_words(["preset=smoke", f"output={tmp_path}"])
    both = [specification("figure", 12), specification("figure", 6)]
    found = reproducing.reproduce(both, asked, command="python -m benchmark paper", tell=lambda line: None)
    assert found.failed == {"Figure 12": "The disk must hold the corpus."}
    assert (asked.pages / "figure_6.svg").is_file()
    with pytest.raises(InvalidInputError, match="must hold the corpus"):
        reproducing.reproduce(
            both[:1], asked, command="python -m benchmark figure 12", tell=lambda line: None
        )
