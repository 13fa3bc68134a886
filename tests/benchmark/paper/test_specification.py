"""What tables and figures are made of, and what the paper printed."""

import pytest

from benchmark.config.choices import names_in
from benchmark.paper.making import FIGURES, TABLES
from benchmark.paper.published import published
from benchmark.paper.specification import everything, listed, numbers, specification
from finexl.errors import InvalidInputError

EVERY = everything()
COMPARED = ["Naive method", "Diff Caption", "Chg2Cap", "VisDiff", "GSCLIP", "FineXL"]


def test_there_are_twelve_tables_and_the_figures_that_show_measurements() -> None:
    assert numbers("table") == tuple(range(1, 13))
    assert numbers("figure") == (6, 7, 8, 9, 10, 12, 13, 14)


@pytest.mark.parametrize(
    ("kind", "number", "there_are"),
    [("table", "13", "There is no table 13; tables: 1–12."), ("figure", "11", "figures: 6–10, 12–14.")],
)
def test_a_number_that_there_is_not_is_told_those_that_there_are(kind, number: str, there_are: str) -> None:
    with pytest.raises(InvalidInputError, match=there_are.replace(".", r"\.")):
        specification(kind, number)


def test_a_word_for_a_number_is_an_error_too() -> None:
    with pytest.raises(InvalidInputError, match="There is no table one"):
        specification("table", "one")


def test_numbers_are_listed_in_runs() -> None:
    assert listed([1, 2, 3, 5, 7, 8]) == "1–3, 5, 7–8"


@pytest.mark.parametrize("spec", EVERY, ids=lambda spec: spec.name)
def test_everything_is_measured_in_a_way_that_there_is(spec) -> None:
    assert spec.measure in (TABLES if spec.kind == "table" else FIGURES)


@pytest.mark.parametrize("spec", EVERY, ids=lambda spec: spec.name)
def test_every_row_is_of_an_explainer_that_there_is(spec) -> None:
    assert {row.explainer for row in spec.rows.values() if row.explainer} <= set(names_in("explainer"))


@pytest.mark.parametrize("spec", [one for one in EVERY if one.kind == "table"], ids=lambda spec: spec.name)
def test_every_printed_row_and_column_stands_beside_one_of_ours(spec) -> None:
    printed = published(spec.published)
    assert {row.published for row in spec.rows.values() if row.published} >= set(printed.rows)
    assert set(printed.columns) <= {column.published or name for name, column in spec.columns.items()}


def test_tables_that_compare_explainers_share_one_list_of_rows() -> None:
    of = {number: list(specification("table", number).rows) for number in (1, 2, 3, 4, 5, 6)}
    assert all(rows[:6] == COMPARED and rows == of[1] for rows in of.values())


def test_table_2_has_the_printed_levels() -> None:
    assert [column.levels for column in specification("table", 2).columns.values()] == [3, 5, 8, 10]


def test_every_published_cell_of_table_3_is_a_multiple_of_an_eighteenth() -> None:
    values = [value for row in published("table_3").rows.values() for value in row if value is not None]
    assert len(values) == 18 and all(
        abs(value * 18 / 100 - round(value * 18 / 100)) < 0.02 for value in values
    )


def test_every_published_cell_of_table_7_is_a_multiple_of_a_fifteenth() -> None:
    values = [value for row in published("table_7").rows.values() for value in row if value is not None]
    assert len(values) == 9 and all(
        abs(value * 15 / 100 - round(value * 15 / 100)) < 0.01 for value in values
    )


def test_what_the_paper_does_not_print_is_none_and_not_zero() -> None:
    assert published("table_10").find("Explanation Error", "0.02") is None
    assert published("table_1").find("FineXL", "Synthetic") == 0.7
    assert published("table_1").find(None, "Synthetic") is None
