"""Cells, and what is written of a table."""

import csv
import json
from io import StringIO

import pytest
from paper_tables import FACTS, MEASURED, NONE, table

from benchmark.paper.cells import Cell, table_from
from benchmark.paper.writers import comma_separated, latex, markdown, markdown_table
from finexl.errors import InvalidInputError


def test_a_cell_has_a_value_or_a_reason_and_never_both_or_neither() -> None:
    for measured, why in ((None, ""), (1.0, "because")):
        with pytest.raises(InvalidInputError, match="A cell must have a value or say why"):
            Cell(measured=measured, why=why)


def test_the_difference_is_measured_minus_published() -> None:
    assert MEASURED.difference == pytest.approx(0.55)
    assert NONE.difference is None


def test_a_table_without_one_of_its_cells_is_refused() -> None:
    with pytest.raises(InvalidInputError, match=r"There is none at \('Random', 'B_1'\)"):
        table(cells={place: cell for place, cell in table().cells.items() if place != ("Random", "B_1")})


def test_a_table_survives_its_json() -> None:
    assert table_from(json.loads(json.dumps(table().as_json()))) == table()


def test_markdown_shows_measured_beside_published_and_every_cell_in_full() -> None:
    page = markdown(table(), FACTS)
    assert "| FineXL | 1.25 (0.7) | – (0.4) |" in page
    assert "| FineXL | A | 1.25 | 1.00 to 1.50 | 15 | 3.30 | 80% | 0.7 | +0.55 |" in page
    assert "| FineXL | B_1 | none: the preset has 5 levels |" in page
    assert "- No number in FineXL, B_1: the preset has 5 levels." in page
    assert "python -m benchmark table 1` on 2026-01-02, seed 0" in page


def test_the_table_alone_ends_with_chance() -> None:
    assert markdown_table(table()).splitlines()[-1] == "| *chance* | 3.30 | – |"


def test_latex_escapes_what_would_break_it() -> None:
    text = latex(table(), FACTS)
    assert r"Errors \& more" in text and r"B\_1" in text and r"FineXL & 1.25 (0.7) & -- (0.4) \\" in text


def test_csv_has_a_line_for_every_cell() -> None:
    rows = list(csv.DictReader(StringIO(comma_separated(table()))))
    assert [(row["row"], row["column"]) for row in rows] == [*table().cells]
    assert rows[1]["measured"] == "" and rows[1]["why"] == "the preset has 5 levels"


def test_a_page_says_why_there_are_no_intervals() -> None:
    few = {place: Cell(measured=1.0, n=3) for place in table().cells}
    assert "- No interval where fewer than 5 units" in markdown(table(cells=few), FACTS)
    assert "No interval" not in markdown(table(cells=dict.fromkeys(few, MEASURED)), FACTS)
