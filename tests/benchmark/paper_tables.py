"""A table of the paper by hand, for tests that need no run."""

from dataclasses import replace

from benchmark.paper.cells import Cell, PaperTable

FACTS = {
    "command": "python -m benchmark table 1",
    "date": "2026-01-02",
    "seed": 0,
    "versions": {"python": "3"},
}
MEASURED = Cell(measured=1.25, low=1.0, high=1.5, n=15, chance=3.3, certified=0.8, published=0.7)
NONE = Cell(why="the preset has 5 levels", published=0.4)


def table(**changes) -> PaperTable:
    whole = PaperTable(
        name="table_1", heading="Table 1", title="Errors & more", section="6.1", unit="ranks", direction="lower",
        digits=2, rows=("FineXL", "Random"), columns=("A", "B_1"),
        cells={("FineXL", "A"): MEASURED, ("FineXL", "B_1"): NONE, ("Random", "A"): Cell(measured=3.3, n=15),
               ("Random", "B_1"): Cell(measured=3.2, n=15)},
        roles={"Random": "chance"}, printed_rows={"FineXL": "FineXL"}, remarks=("odd",),
    )  # fmt: skip
    return replace(whole, **changes)
