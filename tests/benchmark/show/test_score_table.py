"""The table of a scenario fits a terminal, keeps tracks apart and shows the best row first."""

import io
import re

import numpy as np
import pytest
from record_makers import pair_record, series_record
from rich.console import Console

from benchmark.plan.scenarios import SCENARIOS
from benchmark.record.records import GroupRecord
from benchmark.score.comparisons import Comparison, compared
from benchmark.score.scores import score_rows
from benchmark.show.score_table import groups_by_preset, number, plain_cell, score_table, told_apart

RECORDS = (
    series_record([2.0, 1.0, 3.0], explainer="b"),
    series_record([1.0, 2.0, None], explainer="oracle_concepts").model_copy(update={"track": "told"}),
    pair_record([(0.0, 0.0)] * 6, explainer="oracle_concepts").model_copy(update={"track": "told"}),
    pair_record([(1.0, 0.0)] * 6, explainer="gsclip_negation").model_copy(update={"track": "joint"}),
)


def printed(scenario: str, width: int) -> str:
    text = io.StringIO()
    rows = score_rows(RECORDS, scorings={scenario: SCENARIOS[scenario].scoring})
    Console(file=text, width=width).print(score_table(rows, width=width))
    return text.getvalue()


@pytest.mark.parametrize("scenario", ["single_aspect", "multi_aspect"])
def test_nothing_is_cut_off_at_eighty_characters(scenario: str) -> None:
    text = printed(scenario, 80)
    assert "…" not in text and max(map(len, text.splitlines())) <= 80
    for part in ("oracle_concepts", "tier", "interval", "claim", "name", "read"):
        assert part in text


def test_costs_are_shown_where_there_is_room() -> None:
    for part in ("VLM", "seconds", "certified"):
        assert part not in printed("multi_aspect", 80)
        assert part in printed("multi_aspect", 124)
    assert "…" not in printed("multi_aspect", 124)


def test_tracks_are_blocks_in_their_order_and_explained_below() -> None:
    lines = printed("single_aspect", 124).splitlines()
    heads = [line.strip() for line in lines if line.strip() in ("solo", "joint", "told")]
    assert heads == ["solo", "told"]
    assert [line.split()[0] for line in lines if "/3" in line] == ["b", "oracle_concepts"]
    assert "Explainers of different tracks are not compared." in " ".join(" ".join(lines).split())


def ladders(errors_of: dict[str, float], n: int) -> list[GroupRecord]:
    """Series that each explainer reads right but for a swap in some of them."""
    rng = np.random.default_rng(0)
    return [
        series_record([*(np.arange(8) + rng.normal(0, noise, 8))], explainer=explainer, group=str(number))
        for explainer, noise in errors_of.items()
        for number in range(n)
    ]


def noted(records: list[GroupRecord]) -> str:
    rows = score_rows(records, scorings={"single_aspect": SCENARIOS["single_aspect"].scoring})
    return " ".join(told_apart("single_aspect", compared(rows)))


def test_a_table_of_few_groups_says_that_it_tells_nothing_apart_and_what_would() -> None:
    assert re.fullmatch(
        r"3 groups: no comparison possible; preset=full \(15 groups\) can tell \d\.\d\d apart\.",
        noted(ladders({"good": 0.1, "bad": 4.0}, 3)),
    )


def test_a_table_of_many_groups_says_what_its_tiers_mean() -> None:
    text = noted(ladders({"good": 0.1, "bad": 4.0}, 15))
    assert "share a tier" in text and "15 groups, Holm over 1 tests" in text and "four times in five" in text


def test_a_single_explainer_needs_no_comparison() -> None:
    assert noted(ladders({"good": 0.1}, 3)) == ""


def test_rows_without_what_groups_are_worth_cannot_be_compared() -> None:
    assert told_apart("x", Comparison(tiers={}, n_units=0, n_tests=1, spread=None)) == [
        "No comparison possible: these scores are kept without what each group is worth."
    ]


def test_presets_are_told_by_their_number_of_groups() -> None:
    assert groups_by_preset("multi_aspect") == [("smoke", 1), ("lite", 3), ("full", 15)]
    assert groups_by_preset("versions") == groups_by_preset("unknown") == []


def test_the_arrow_says_which_way_is_better() -> None:
    assert "rank_mae ↓" in printed("single_aspect", 80)
    assert "selection_accuracy ↑" in printed("multi_aspect", 80)


def test_the_unreadable_are_counted_of_all() -> None:
    assert "1/3" in printed("single_aspect", 80)


def test_a_missing_number_is_a_dash() -> None:
    assert (number(None), number(0.125), number(2.0, 1)) == ("–", "0.12", "2.0")


def test_what_rounds_to_zero_has_no_sign() -> None:
    assert (number(-0.001), number(-0.01)) == ("0.00", "-0.01")


def test_markup_and_control_characters_are_not_obeyed() -> None:
    assert plain_cell("[red]\x1b[2J").plain == "[red]�[2J"
