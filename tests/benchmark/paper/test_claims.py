"""The paper's claims, of which it is known by hand what its own tables say."""

from dataclasses import replace

import pytest
from paper_tables import table

from benchmark.paper.cells import Cell, PaperTable
from benchmark.paper.claims import Checked, best_case_p, check_all, lead, of_published, of_table
from benchmark.paper.published import published

PRINTED = {one.name: one for one in check_all({}, {})}


@pytest.mark.parametrize(
    ("name", "answer", "numbers"),
    [
        ("56 percent", "does not hold", "Synthetic 56%, Style transfer 24%, WikiArt 36%"),
        ("at least 50 percent", "does not hold", "Synthetic 75%, Style transfer 50%, WikiArt 33%"),
        ("surpasses the baselines", "cannot be told", "p = Synthetic 0.25, Style transfer 1, WikiArt 1"),
        ("better with more levels", "holds", "+0.00 at 3, +0.30 at 5, +0.70 at 8, +0.90 at 10"),
        ("better the finer the lattice", "cannot be told", "no finer lattice"),
        ("positive, not strictly linear", "cannot be told", "prints no numbers"),
        ("generic", "holds", "table 6, Synthetic +0.40"),
        ("best VLM", "holds", "100.0 against 100.0 at 5"),
        ("CLIP best overall", "holds", "best in 1 of 3 columns"),
        ("better ideals align better", "holds", "0.72 > 0.52 > 0.34"),
        ("insensitive to the threshold", "cannot be told", "+57%"),
        ("robust to prompt phrasing", "holds", "0.10 at 5 levels"),
    ],
)
def test_what_the_printed_tables_say(name: str, answer: str, numbers: str) -> None:
    verdict = PRINTED[name].published
    assert verdict.answer == answer and numbers in verdict.numbers


def test_nothing_is_told_of_ours_before_it_is_measured() -> None:
    assert {one.ours.answer for one in PRINTED.values()} == {"cannot be told"}


def test_the_printed_cells_are_eighteenths() -> None:
    assert "k/18 (to 0.09 points)" in PRINTED["surpasses the baselines"].published.numbers


@pytest.mark.parametrize(
    ("one", "other", "p"), [(17, 14, 0.25), (17, 16, 1.0), (16, 15, 1.0), (17, 11, 2 / 64)]
)
def test_the_best_case_of_mcnemar_has_no_losses(one: int, other: int, p: float) -> None:
    assert best_case_p(one, other) == p


def errors(finexl: float, visdiff: float, *, n: int) -> PaperTable:
    cells = {
        ("FineXL", "Synthetic"): Cell(measured=finexl, n=n),
        ("VisDiff", "Synthetic"): Cell(measured=visdiff, n=n),
    }
    printed = {"FineXL": "FineXL", "VisDiff": "VisDiff"}
    return table(
        rows=("FineXL", "VisDiff"), columns=("Synthetic",), cells=cells, roles={}, printed_rows=printed
    )


def of_ours(found: PaperTable) -> Checked:
    return next(one for one in check_all({"table_1": found}, {}) if one.name == "56 percent")


@pytest.mark.parametrize(("finexl", "answer"), [(0.44, "holds"), (0.6, "does not hold")])
def test_ours_is_told_of_enough_units(finexl: float, answer: str) -> None:
    assert of_ours(errors(finexl, 1.0, n=15)).ours.answer == answer


def test_three_units_tell_nothing_and_their_numbers_are_given() -> None:
    verdict = of_ours(errors(0.44, 1.0, n=3)).ours
    assert (
        verdict.answer == "cannot be told" and "from 3 units" in verdict.numbers and "56%" in verdict.numbers
    )


def test_a_lead_is_above_zero_for_the_better_whatever_the_direction() -> None:
    assert lead(of_published(published("table_1")), "Synthetic") == pytest.approx(0.9)
    assert lead(of_published(published("table_3")), "Synthetic") == pytest.approx(16.6)


def test_what_the_paper_calls_training_free_is_algorithm_1_which_is_handed_an_encoder_and_a_model() -> None:
    (checked,) = [
        one for one in check_all({"table_1": errors(1.0, 2.0, n=15)}, {}) if one.name == "training-free"
    ]
    assert checked.ours.answer == "holds"
    assert "handed encoder and vlm, and trains nothing" in checked.ours.numbers


def test_a_generator_that_is_no_step_down_says_nothing_of_whether_better_ideals_align_better() -> None:
    values = {"Renderer": 0.9, "Half": 0.8, "Fifth": 0.7, "Diffusion": 0.85}
    steps = {"Renderer": "SD 3.5 Large", "Half": "SD 2.1", "Fifth": "SD 1.4"}
    found = table(
        rows=("Alignment",), columns=tuple(values), roles={}, printed_rows={"Alignment": "Alignment"},
        cells={("Alignment", column): Cell(measured=value, n=15) for column, value in values.items()},
        printed_columns=steps,
    )  # fmt: skip
    (checked,) = [
        one for one in check_all({"table_9": found}, {}) if one.name == "better ideals align better"
    ]
    assert checked.ours.answer == "holds"
    assert checked.ours.numbers == "0.90 > 0.80 > 0.70"


def test_rows_that_the_paper_lacks_are_no_baselines() -> None:
    found = errors(1.0, 2.0, n=15)
    told = replace(found, printed_rows={"FineXL": "FineXL"})
    assert lead(of_table(found), "Synthetic") == 1.0 and lead(of_table(told), "Synthetic") is None


def test_a_row_that_is_called_otherwise_stands_beside_the_printed_one() -> None:
    found = errors(1.0, 2.0, n=15)
    moved = replace(found, printed_rows={"VisDiff": "FineXL", "FineXL": "Other"})
    assert lead(of_table(moved), "Synthetic") == -1.0


def test_a_positive_relation_is_told_of_enough_levels() -> None:
    one = {"group": "mustache", "row": "FineXL", "scales": list(range(10)), "r": 0.9, "R²": 0.81}
    figures = {"figure_9": {"series": [one]}}
    (checked,) = [each for each in check_all({}, figures) if each.name == "positive, not strictly linear"]
    assert checked.ours.answer == "holds" and "r 0.90" in checked.ours.numbers
