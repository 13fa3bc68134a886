"""What is written for people."""

import json
from pathlib import Path

from paper_tables import FACTS, table

from benchmark.paper.claims import check_all
from benchmark.paper.figures.figure import PaperFigure
from benchmark.paper.pages import (
    kept_figures,
    kept_tables,
    terminal,
    write_claims,
    write_figure,
    write_index,
    write_table,
)
from benchmark.show.drawing import Drawing

MADE = {"command": "python -m benchmark table 1", "preset": "lite", "seed": 0, "versions": {"python": "3"}}
FIGURE = PaperFigure(
    name="figure_6", heading="Figure 6", title="Amounts", section="6.1",
    drawing=Drawing(width=4.0, height=4.0), data={"series": [(1, 2)]}, remarks=("odd",),
)  # fmt: skip


def test_a_table_is_written_in_four_forms_and_read_back(tmp_path: Path) -> None:
    written = write_table(table(), tmp_path, MADE)
    assert sorted(path.suffix for path in written) == [".csv", ".json", ".md", ".tex"]
    assert kept_tables(tmp_path) == {"table_1": table()}


def test_a_figure_is_written_in_both_forms_with_its_numbers(tmp_path: Path) -> None:
    written = write_figure(FIGURE, tmp_path, MADE)
    assert sorted(path.suffix for path in written) == [".json", ".md", ".png", ".svg"]
    assert kept_figures(tmp_path) == {"figure_6": {"series": [[1, 2]]}}


def test_the_date_stays_where_nothing_changed(tmp_path: Path) -> None:
    write_table(table(), tmp_path, MADE)
    path = tmp_path / "table_1.json"
    old = json.loads(path.read_text())
    old["provenance"]["date"] = "2020-02-02"
    path.write_text(json.dumps(old))
    write_table(table(), tmp_path, MADE)
    assert json.loads(path.read_text())["provenance"]["date"] == "2020-02-02"
    write_table(table(remarks=("new",)), tmp_path, MADE)
    assert json.loads(path.read_text())["provenance"]["date"] != "2020-02-02"


def test_the_index_names_what_is_made_and_how_to_make_the_rest(tmp_path: Path) -> None:
    write_table(table(), tmp_path, MADE)
    page = write_index(tmp_path).read_text()
    assert "| [Table 1](table_1.md) |" in page and "not yet: `python -m benchmark table 2`" in page


def test_claims_are_written_with_both_verdicts(tmp_path: Path) -> None:
    write_claims(check_all({}, {}), tmp_path, MADE)
    assert "- published: **does not hold**: Synthetic 56%" in (tmp_path / "claims.md").read_text()


def test_a_terminal_shows_measured_beside_published() -> None:
    assert terminal(table(), width=80)[2].split() == ["FineXL", "1.25", "(0.7)", "–", "(0.4)"]
    assert FACTS["seed"] == 0


def test_columns_that_a_terminal_has_no_room_for_stand_below() -> None:
    assert terminal(table(), width=18)[1:] == [
        "                 A",
        "FineXL  1.25 (0.7)",
        "Random        3.30",
        "",
        "            B_1",
        "FineXL  – (0.4)",
        "Random     3.20",
    ]
