"""What is odd in a table has a sentence, and what is not has none."""

from dataclasses import replace

from paper_tables import table

from benchmark.paper.cells import Cell, PaperTable
from benchmark.paper.remarks import remarks_on

ROLES = {"Random": "chance", "Constant": "constant", "Told": "ceiling", "Length": "control"}


def of(
    unit: str = "ranks", direction: str = "lower", chance: float = 3.3, **values: float | Cell
) -> PaperTable:
    cells = {
        (row, "A"): value if isinstance(value, Cell) else Cell(measured=value, n=3, chance=chance)
        for row, value in values.items()
    }
    return table(
        rows=tuple(values), columns=("A",), cells=cells, roles=ROLES, unit=unit, direction=direction,
        printed_rows={}, remarks=(),
    )  # fmt: skip


def test_a_table_as_it_should_be_has_no_remark() -> None:
    assert remarks_on(of(FineXL=1.0, VisDiff=2.0, Random=3.3, Told=0.5)) == ()


def test_chance_that_is_not_at_chance_is_said() -> None:
    (line,) = remarks_on(of(FineXL=1.0, Random=2.0, Told=0.5))
    assert line.startswith("A: Random scores 2.00 and not its chance of 3.30")


def test_chance_between_a_random_order_and_equal_answers_is_a_matter_of_the_budget() -> None:
    (line,) = remarks_on(of(FineXL=1.0, Random=2.7, Told=0.5))
    assert "seldom hold the aspect" in line
    assert "equal answers score 2.50" in line


def test_chance_within_its_interval_is_not_odd() -> None:
    wide = Cell(measured=2.0, low=1.0, high=3.5, n=5, chance=3.3)
    assert remarks_on(of(FineXL=1.0, Random=wide, Told=0.5)) == ()


def test_a_constant_in_a_ranking_is_better_than_chance_and_it_is_said_why() -> None:
    (line,) = remarks_on(of(FineXL=1.0, Constant=2.5, Told=0.5))
    assert "equal answers share the middle rank" in line


def test_a_constant_in_a_selection_is_at_chance() -> None:
    assert remarks_on(of("percent", "higher", 16.7, FineXL=90.0, Constant=16.7, Told=95.0)) == ()


def test_a_constant_that_is_neither_is_said() -> None:
    (line,) = remarks_on(of(FineXL=1.0, Constant=1.2, Told=0.5))
    assert "Constant scores 1.20 and should score 2.50" in line


def test_a_ceiling_below_an_explainer_is_said_with_both_numbers() -> None:
    (line,) = remarks_on(of(FineXL=1.0, VisDiff=2.0, Told=1.5))
    assert line.startswith("A: the ceiling Told (1.50) is not on top of FineXL (1.00)")


def test_a_control_above_every_explainer_is_said() -> None:
    (line,) = remarks_on(of(FineXL=1.0, Length=0.2, Told=0.1))
    assert line.startswith("A: the control Length (0.20) is above every explainer")


def test_a_control_that_no_explainer_beats_is_said_with_those_that_are_as_good() -> None:
    (line,) = remarks_on(of(FineXL=0.2, VisDiff=1.0, Length=0.2, Told=0.1))
    assert line.startswith("A: the control Length (0.20) is level with FineXL.")


def test_a_control_that_an_explainer_beats_is_not_odd() -> None:
    assert remarks_on(of(FineXL=0.2, VisDiff=1.0, Length=0.3, Told=0.1)) == ()


def test_uncertified_truth_is_said() -> None:
    (line,) = remarks_on(of(FineXL=Cell(measured=1.0, n=3, certified=2 / 3)))
    assert line.startswith("A: the truth of 33% of the groups is not certified")


def test_a_printed_number_at_chance_is_said() -> None:
    (line,) = remarks_on(of(Chg2Cap=Cell(measured=1.0, n=3, chance=3.3, published=3.1)))
    assert line.startswith("A: published Chg2Cap (3.1): within a tenth of the chance of 3.30")


def test_a_leader_that_ties_in_the_paper_is_no_other_leader() -> None:
    found = of(A=Cell(measured=2.0, n=3, published=0.7), B=Cell(measured=1.0, n=3, published=0.7))
    assert remarks_on(found) == ()


def test_rows_that_do_not_compete_have_no_leader() -> None:
    found = of(A=Cell(measured=2.0, n=3, published=0.7), B=Cell(measured=1.0, n=3, published=1.6))
    assert remarks_on(replace(found, compares=False)) == ()


def test_a_column_may_have_a_direction_of_its_own() -> None:
    found = of(A=Cell(measured=2.0, n=3, published=1.6), B=Cell(measured=1.0, n=3, published=7.0))
    assert remarks_on(found)[0].startswith("A: B leads here (1.00) and A in the paper (1.6)")
    other = replace(found, directions={"A": "higher"})
    assert remarks_on(other)[0].startswith("A: A leads here (2.00) and B in the paper (7)")


def test_another_leader_than_in_the_paper_is_said() -> None:
    (line,) = remarks_on(
        of(FineXL=Cell(measured=2.0, n=3, published=0.7), VisDiff=Cell(measured=1.0, n=3, published=1.6))
    )
    assert line == "A: VisDiff leads here (1.00) and FineXL in the paper (0.7); 3 units a row."
