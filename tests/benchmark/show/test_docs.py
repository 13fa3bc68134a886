"""Numbers that people read are written from committed results, and are the committed ones."""

import json
from pathlib import Path

import pytest
from record_makers import pair_record, series_record

from benchmark import cli
from benchmark.config.loading import load_settings
from benchmark.config.settings import public_settings
from benchmark.plan.scenarios import SCENARIOS
from benchmark.record.recording import costs, without_cost, write_json
from benchmark.score.scores import score_rows
from benchmark.show import docs
from finexl.errors import InvalidInputError

WORDS = ("scenario=single_aspect", "preset=smoke", "explainer=finexl,constant", "seed=3")
RECORDS = (
    series_record([1.0, 3.0, 2.0, None]),
    series_record([1.0, 2.0, 3.0, 4.0], group="h"),
    series_record([1.0] * 4, explainer="constant"),
)
PAIR = pair_record([(1.0, 1.0)] * 6).model_copy(update={"group": "p"})
TABLE = "<!-- results: mine -->\n```text\nold\n```\n<!-- end -->\n"


def finished_run(folder: Path, *records, words=WORDS) -> Path:
    """What a run leaves."""
    scenarios = dict.fromkeys(record.scenario for record in records)
    rows = score_rows(records, scorings={name: SCENARIOS[name].scoring for name in scenarios})
    write_json(folder / "costs.json", {"records": costs(records)})
    results = {
        "settings": public_settings(load_settings(words)),
        "provenance": {"benchmark": "1+abc", "python": "3.11.7", "torch": "2.10", "machine": "m"},
        "scores": [row.without_cost() for row in rows],
        "records": [without_cost(record) for record in records],
    }
    write_json(folder / "results.json", results)
    return folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A checkout with one kept run."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "README.md").write_text("# Nothing to write\n")
    docs.take(finished_run(tmp_path / "runs" / "mine", *RECORDS), root=tmp_path)
    return tmp_path


def kept(root: Path) -> dict:
    return json.loads((root / "docs" / "results" / "mine.json").read_text())


def shown(root: Path, text: str) -> str:
    (root / "README.md").write_text(text)
    docs.rewrite(root=root)
    return (root / "README.md").read_text()


def test_the_committed_pages_are_what_the_committed_results_say() -> None:
    stale = [path.name for path, text in docs.rendered().items() if text != path.read_text(encoding="utf-8")]
    assert not stale, "Write them anew: python -m benchmark docs"


def test_a_kept_run_says_how_it_was_made_and_holds_no_record(root: Path) -> None:
    assert set(kept(root)) == {"command", "date", "versions", "settings", "scores"}
    assert kept(root)["command"] == (
        "python -m benchmark run scenario=single_aspect preset=smoke explainer=finexl,constant seed=3"
    )
    assert kept(root)["settings"] == {"seed": "3"}
    assert kept(root)["versions"] == {"benchmark": "1+abc", "python": "3.11.7", "torch": "2.10"}


def test_the_command_of_a_kept_run_makes_the_same_settings(tmp_path: Path) -> None:
    words = ["scenario=strength", "generator.method=lora", "explainer_settings.finexl_paper.e_ortho=0.3"]
    words.append("scenario_settings.strength.whole=2")
    path = docs.take(finished_run(tmp_path / "mine", *RECORDS, words=words), root=tmp_path)
    said = json.loads(path.read_text())["command"].split(" run ")[1].split()
    assert public_settings(load_settings(said)) == public_settings(load_settings(words))


def test_kept_scores_are_the_rows_of_the_run_with_their_cost(root: Path) -> None:
    scorings = {"single_aspect": SCENARIOS["single_aspect"].scoring}
    assert docs.committed(root).runs == {"mine": score_rows(RECORDS, scorings=scorings)}


def test_a_block_is_filled_with_the_table_of_the_console(root: Path) -> None:
    text = shown(root, f"before\n{TABLE}after\n")
    assert text.startswith("before\n<!-- results: mine -->\n```text\nsingle_aspect: rank_mae ↓")
    assert text.endswith("\n```\n<!-- end -->\nafter\n") and "old" not in text
    assert max(map(len, text.splitlines())) <= docs.WIDTH
    assert text.index(" finexl ") < text.index(" constant ")


def test_a_table_of_the_paper_is_shown_without_the_rest_of_its_page(root: Path) -> None:
    page = root / "docs" / "results" / "paper" / "table_1.md"
    page.parent.mkdir(parents=True)
    page.write_text("# Table 1\n\n| a |\n| --- |\n| 1 |\n\nmore\n\n| b |\n")
    text = shown(root, "<!-- paper: table_1 -->\nold\n<!-- end -->\n")
    assert text == "<!-- paper: table_1 -->\n|a|\n|---|\n|1|\n<!-- end -->\n"


def test_a_table_of_the_paper_that_is_not_made_says_how_to_make_it(root: Path) -> None:
    with pytest.raises(InvalidInputError, match="python -m benchmark table 2"):
        shown(root, "<!-- paper: table_2 -->\n<!-- end -->\n")


def test_a_run_of_several_scenarios_has_several_tables(root: Path) -> None:
    both = finished_run(root / "runs" / "both", *RECORDS, PAIR)
    docs.take(both, root=root)
    assert shown(root, TABLE.replace("mine", "both")).count("is better, chance") == 2


@pytest.mark.parametrize(
    ("column", "number"),
    [
        ("value", ".50"), ("low", "–"), ("high", "–"), ("n", "2"), ("comparability", ".50"), ("unreadable", "1"),
        ("certified", ".50"), ("comparability_certified", ".50"),
        ("seconds", "3.0"), ("vlm_calls", "8"), ("naming", "1.00"), ("tau", ".67"),
    ],
)  # fmt: skip
def test_a_number_is_written_where_it_is_named(root: Path, column: str, number: str) -> None:
    mark = f"<!--= mine finexl {column} -->"
    assert shown(root, f"It has {mark}?<!--/-->.\n") == f"It has {mark}{number}<!--/-->.\n"


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "–"), (0.406, ".41"), (10.0, "10.00"), (-0.061, "−.06"), (-0.001, ".00"), (1.0, "1.00")],
)
def test_numbers_have_two_digits_and_no_leading_zero(value: float | None, text: str) -> None:
    assert docs._two_digits(value) == text


def test_the_output_of_a_command_is_kept_and_shown(root: Path) -> None:
    command = "python -c 'print(6 * 7)'"
    assert docs.keep_output(command, root=root).read_text() == f"{command}\n42\n"
    block = f"<!-- output: {command} -->\n<!-- end -->\n"
    assert shown(root, block) == f"<!-- output: {command} -->\n```text\n42\n```\n<!-- end -->\n"


@pytest.mark.parametrize("command", ["python -c 1/0", "no-such-program"])
def test_a_command_that_fails_is_not_kept(root: Path, command: str) -> None:
    with pytest.raises(InvalidInputError):
        docs.keep_output(command, root=root)
    assert not [*(root / "docs" / "results").glob("*.txt")]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            TABLE.replace("mine", "yours"),
            "Got 'yours'. There are: mine. Make it with: python -m benchmark run",
        ),
        ("<!-- output: ls -->\n<!-- end -->", "Got 'ls'. There are: none. .*python -m benchmark docs run=ls"),
        ("<!--= mine nobody n -->1<!--/-->", "Got 'nobody'. There are: finexl, constant"),
        ("<!--= mine finexl luck -->1<!--/-->", "Got 'luck'. There are: value, low, high"),
        ("<!-- results: mine -->\n", "README.md has 1 marks, and 0 are"),
        ("<!--= mine finexl -->1<!--/-->", "a number is <!--= NAME EXPLAINER COLUMN -->"),
    ],
)
def test_a_mark_that_names_nothing_is_an_error_that_says_what_there_is(
    root: Path, text: str, says: str
) -> None:
    with pytest.raises(InvalidInputError, match=says):
        shown(root, text)


def test_a_number_of_the_board_is_written_where_it_is_named(root: Path) -> None:
    site = root / "docs" / "board" / "site"
    site.mkdir(parents=True)
    row = {"entry": {"name": "mine"}, "scores": {"multi_aspect.claim_f1": {"value": 0.406}}}
    (site / "board.json").write_text(json.dumps({"tracks": {"solo": [row]}}))
    mark = "<!--= board mine multi_aspect.claim_f1 -->"
    assert shown(root, f"{mark}?<!--/-->") == f"{mark}.41<!--/-->"
    with pytest.raises(InvalidInputError, match=r"board explainers.*Got 'yours'. There are: mine"):
        shown(root, "<!--= board yours multi_aspect.claim_f1 -->?<!--/-->")


def test_a_number_of_several_scenarios_is_an_error(root: Path) -> None:
    docs.take(finished_run(root / "runs" / "both", *RECORDS, PAIR), root=root)
    with pytest.raises(InvalidInputError, match="'both' has 'finexl' in 2"):
        shown(root, "<!--= both finexl n -->1<!--/-->")


def test_nothing_is_written_where_nothing_changed(root: Path) -> None:
    shown(root, TABLE)
    assert docs.rewrite(root=root) == []


@pytest.mark.parametrize("file", ["results.json", "costs.json"])
@pytest.mark.parametrize("content", ['{"records": [', "[]", "{}", '{"records": [{}]}', '{"records": []}'])
def test_a_broken_run_is_not_taken_and_told_with_its_file(tmp_path: Path, file: str, content: str) -> None:
    folder = finished_run(tmp_path / "mine", *RECORDS)
    (folder / file).write_text(content)
    with pytest.raises(InvalidInputError, match=rf"{file}'.* is not: .*Give the command"):
        docs.take(folder, root=tmp_path)
    assert not (tmp_path / "docs").exists()


def test_a_run_whose_scores_no_page_could_read_is_not_taken(tmp_path: Path) -> None:
    folder = finished_run(tmp_path / "mine", *RECORDS)
    results = json.loads((folder / "results.json").read_text())
    del results["scores"][0]["outcomes"]
    (folder / "results.json").write_text(json.dumps(results))
    with pytest.raises(InvalidInputError, match="'outcomes' is missing"):
        docs.take(folder, root=tmp_path)


@pytest.mark.parametrize("words", [["take=nowhere"], ["take"], ["take=a", "run=b"], ["mine"]])
def test_what_docs_does_not_take_ends_with_code_2(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["docs", *words]) == 2
    assert "`docs` takes" in (said := capsys.readouterr().err) or "finished run" in said
