"""A sentence for everything in a table that a reader would stumble over: checks that speak where something is odd."""

from collections.abc import Iterator, Mapping
from math import isclose, sqrt

from benchmark.paper.cells import Cell, PaperTable

_NEAR = 0.1
"""Of the chance score: a row at chance without an interval may be so far from it."""


def remarks_on(table: PaperTable) -> tuple[str, ...]:
    """What is odd, in the order of columns; nothing where all is as it must be."""
    lines = [line for column in table.columns for check in _CHECKS for line in check(table, column)]
    return (*table.remarks, *dict.fromkeys(lines))


def levels_of(chance: float) -> int:
    """The number of levels n whose random order has this rank error, (n² - 1) / 3n.

    >>> levels_of(3.3)
    10
    """
    return round((3 * chance + sqrt(9 * chance**2 + 4)) / 2)


def _chance_rows(table: PaperTable, column: str) -> Iterator[str]:
    """Whether answers by chance score what they should."""
    from benchmark.score.rank_mae import rank_mae_constant  # late: metrics need torch

    for row in _of_role(table, "chance"):
        cell = table.cells[row, column]
        if cell.measured is None or cell.chance is None or is_near(cell, cell.chance):
            continue
        silent = rank_mae_constant(levels_of(cell.chance)) if table.unit == "ranks" else cell.chance
        why = "A mean over draws of few units does that by luck; more would be a fault of the metric."
        if silent <= cell.measured < cell.chance:
            why = (
                "Of its claims five are read, which seldom hold the aspect that is asked about, and equal answers "
                f"score {_n(table, silent)}."
            )
        yield (
            f"{column}: {row} scores {_n(table, cell.measured)} and not its chance of {_n(table, cell.chance)}. {why}"
        )


def _constant_rows(table: PaperTable, column: str) -> Iterator[str]:
    """Whether one answer for all scores what it should: in a ranking all ranks are then in the middle."""
    from benchmark.score.rank_mae import rank_mae_constant  # late: metrics need torch

    for row in _of_role(table, "constant"):
        cell = table.cells[row, column]
        if cell.measured is None or cell.chance is None:
            continue
        expected = rank_mae_constant(levels_of(cell.chance)) if table.unit == "ranks" else cell.chance
        if is_near(cell, expected):
            if table.unit == "ranks":
                yield (
                    f"{column}: {row} scores {_n(table, cell.measured)} where a random order scores "
                    f"{_n(table, cell.chance)}: equal answers share the middle rank, which is never far off."
                )
            continue
        yield (
            f"{column}: {row} scores {_n(table, cell.measured)} and should score {_n(table, expected)}. "
            "If its answers were read within a budget, those that it drops are 0; else something is wrong."
        )


def _ceilings(table: PaperTable, column: str) -> Iterator[str]:
    """Whether rows that are told the truth are on top."""
    measured = table.measured(column)
    ceilings = [row for row in _of_role(table, "ceiling") if row in measured]
    others = [row for row in measured if not table.roles.get(row)]
    for row in ceilings:
        above = [other for other in others if _better(table, column, measured[other], measured[row])]
        if above:
            named = ", ".join(f"{other} ({_n(table, measured[other])})" for other in above)
            yield (
                f"{column}: the ceiling {row} ({_n(table, measured[row])}) is not on top of {named}. "
                "It is told names or labels, and not how to weigh them."
            )
    controls = [row for row in measured if table.roles.get(row) == "control"]
    for row in controls:
        if not others or any(_better(table, column, measured[other], measured[row]) for other in others):
            continue
        level = [other for other in others if not _better(table, column, measured[row], measured[other])]
        where = f"level with {' and '.join(level)}" if level else "above every explainer"
        yield (
            f"{column}: the control {row} ({_n(table, measured[row])}) is {where}. "
            "This score asks how much; what is claimed is asked by claim_f1 in the run's own table."
        )


def _uncertified(table: PaperTable, column: str) -> Iterator[str]:
    """Whether the truth of all groups is certified."""
    shares = {
        cell.certified for row in table.rows if (cell := table.cells[row, column]).certified is not None
    }
    if shares and min(shares) < 1:
        yield (
            f"{column}: the truth of {1 - min(shares):.0%} of the groups is not certified: what is measured of an "
            "aspect does not grow with its level there, or stays below the floor."
        )


def _printed_at_chance(table: PaperTable, column: str) -> Iterator[str]:
    """Which printed numbers are no better than guessing."""
    if table.unit not in ("ranks", "percent"):
        return
    chance = next((c for row in table.rows if (c := table.cells[row, column].chance) is not None), None)
    if chance is None:
        return
    edge = chance * (1 - _NEAR if table.direction_of(column) == "lower" else 1 + _NEAR)
    near = [
        f"{row} ({value:g})"
        for row in table.rows
        if (value := table.cells[row, column].published) is not None
        and not _better(table, column, value, edge)
    ]
    if near:
        yield (
            f"{column}: published {', '.join(near)}: within a tenth of the chance of {_n(table, chance)} that holds "
            "here, or worse, so that beating it says little."
        )


def _leaders(table: PaperTable, column: str) -> Iterator[str]:
    """Whether another row leads here than in the paper."""
    here = {row: value for row, value in table.measured(column).items() if not table.roles.get(row)}
    there = {row: value for row in table.rows if (value := table.cells[row, column].published) is not None}
    if not table.compares or len(here) < 2 or len(there) < 2:
        return
    first, printed = _first(table, column, here), _first(table, column, there)
    if set(first) & set(printed):
        return
    units = max(table.cells[row, column].n for row in here)
    called = " and ".join(table.printed_rows.get(row, row) for row in printed)
    yield (
        f"{column}: {' and '.join(first)} {'leads' if len(first) == 1 else 'lead'} here ({_n(table, here[first[0]])}) "
        f"and {called} in the paper ({there[printed[0]]:g}); {units} {'unit' if units == 1 else 'units'} a row."
    )


_CHECKS = (_chance_rows, _constant_rows, _ceilings, _uncertified, _printed_at_chance, _leaders)


def is_near(cell: Cell, expected: float) -> bool:
    """Whether a value is what it should be: within its interval, or within a tenth where it has none."""
    assert cell.measured is not None
    if cell.low is not None and cell.high is not None and cell.low <= expected <= cell.high:
        return True
    return isclose(cell.measured, expected, rel_tol=_NEAR, abs_tol=1e-9)


def _of_role(table: PaperTable, role: str) -> list[str]:
    return [row for row in table.rows if table.roles.get(row) == role]


def _first(table: PaperTable, column: str, values: Mapping[str, float]) -> list[str]:
    """The rows that no other is better than."""
    return [
        row
        for row, value in values.items()
        if not any(_better(table, column, other, value) for other in values.values())
    ]


def _better(table: PaperTable, column: str, one: float, other: float) -> bool:
    is_lower = table.direction_of(column) == "lower"
    return one < other - 1e-9 if is_lower else one > other + 1e-9


def _n(table: PaperTable, value: float) -> str:
    return f"{value:.{table.digits}f}"
