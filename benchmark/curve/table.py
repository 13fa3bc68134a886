"""Curves as tables for a terminal."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.table import Table

from benchmark.curve.lines import Line
from benchmark.show.score_table import number, plain_cell, titled_table


def curve_table(lines: Sequence[Line]) -> Iterator[Table]:
    """A table for every score of a scenario: a row for each explainer, a column for each point."""
    for (scenario, score), group in groupby(lines, key=lambda line: (line.scenario, line.score)):
        block = list(group)
        found = {(line.paired, spot.n_shown) for line in block for spot in line.spots}
        points = sorted(found, key=lambda point: (not point[0], point[1]))
        table = titled_table(f"{scenario}: {score} ({block[0].direction} is better)")
        table.add_column("explainer", no_wrap=True)
        for paired, n_shown in points:
            table.add_column(f"{n_shown}{'' if paired else ' unpaired'}", justify="right")
        values = {
            (line.explainer, line.paired, spot.n_shown): spot.value for line in block for spot in line.spots
        }
        for explainer in dict.fromkeys(line.explainer for line in block):
            cells = [number(values.get((explainer, *point))) for point in points]
            table.add_row(plain_cell(explainer), *cells)
        yield table
