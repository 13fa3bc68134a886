"""The table of a scenario fits a terminal and shows the best row first."""

import io

import pytest
from record_makers import pair_record, series_record
from rich.console import Console

from benchmark.plan.scenarios import SCENARIOS
from benchmark.score.scores import score_rows
from benchmark.show.score_table import number, plain_cell, score_table

RECORDS = (
    series_record([2.0, 1.0, 3.0], explainer="b"),
    series_record([1.0, 2.0, None], explainer="oracle_concepts"),
    pair_record([(0.0, 0.0)] * 6, explainer="oracle_concepts"),
)


def printed(scenario: str, width: int) -> str:
    text = io.StringIO()
    rows = score_rows(RECORDS, scorings={scenario: SCENARIOS[scenario].scoring}, seed=0)
    Console(file=text, width=width).print(score_table(rows, width=width))
    return text.getvalue()


@pytest.mark.parametrize("scenario", ["single_aspect", "multi_aspect"])
def test_nothing_is_cut_off_at_eighty_characters(scenario: str) -> None:
    text = printed(scenario, 80)
    assert "…" not in text
    assert "oracle_concepts" in text
    assert "VLM" in text


def test_there_is_more_where_there_is_room() -> None:
    assert "naming" not in printed("single_aspect", 80)
    assert "naming" in printed("single_aspect", 120)
    assert "naming" not in printed("multi_aspect", 120)
    assert "certified" in printed("multi_aspect", 120)


def test_the_arrow_says_which_way_is_better() -> None:
    assert "rank_mae ↓" in printed("single_aspect", 80)
    assert "selection_accuracy ↑" in printed("multi_aspect", 80)


def test_the_unreadable_are_counted_of_all() -> None:
    assert "1/3" in printed("single_aspect", 80)


def test_a_missing_number_is_a_dash() -> None:
    assert (number(None), number(0.125), number(2.0, 1)) == ("–", "0.12", "2.0")


def test_markup_and_control_characters_are_not_obeyed() -> None:
    assert plain_cell("[red]\x1b[2J").plain == "[red]�[2J"
