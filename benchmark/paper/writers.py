"""A table as Markdown, LaTeX, CSV and JSON: measured beside published, and every cell in full below."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from io import StringIO
from typing import Any

from benchmark.paper.cells import Cell, PaperTable
from benchmark.score.statistics import MIN_UNITS

_FIELDS: tuple[str, ...] = (
    "row",
    "column",
    "measured",
    "low",
    "high",
    "n",
    "chance",
    "certified",
    "published",
    "difference",
    "why",
)
_ARROWS = {"lower": "↓", "higher": "↑"}
_ESCAPES = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "−": "$-$", "–": "--", "↓": r"$\downarrow$",
    "↑": r"$\uparrow$", "κ": r"$\kappa$", "√": r"$\surd$",
}  # fmt: skip


def markdown(table: PaperTable, facts: Mapping[str, Any]) -> str:
    """The whole page: the table, every cell in full, remarks, and where it comes from."""
    return "\n".join(
        [
            f"# {table.heading}",
            "",
            f"{table.title} (§{table.section}; {heading_unit(table)}).",
            "",
            markdown_table(table),
            "",
            "Measured, and in brackets what the paper printed, on models and data of its own; – is no number.",
            "",
            *_list("Remarks", [*_absences(table), *_without_intervals(table), *table.remarks]),
            "## Every cell",
            "",
            *_rows(["row", "column", "measured", "95% interval", "n", "chance", "certified", "published", "difference"],
                   [_in_full(table, row, column) for row in table.rows for column in table.columns]),
            "",
            *provenance_lines(facts),
            "",
        ]
    )  # fmt: skip


def markdown_table(table: PaperTable) -> str:
    """The table alone: a row for each explainer, measured (published) in every cell."""
    cells = [
        [row, *(short(table, table.cells[row, column]) for column in table.columns)] for row in table.rows
    ]
    chances = [_chance_of(table, column) for column in table.columns]
    if any(chance is not None for chance in chances) and table.unit in ("ranks", "percent"):
        cells.append(["*chance*", *("–" if chance is None else number(table, chance) for chance in chances)])
    return "\n".join(_rows([heading_unit(table), *headings(table)], cells))


def latex(table: PaperTable, facts: Mapping[str, Any]) -> str:
    """The table for a manuscript; needs no package."""
    lines = [
        f"% {facts['command']}, {facts['date']}, seed {facts['seed']}",
        r"\begin{table}",
        rf"\caption{{{_tex(table.title)} ({_tex(heading_unit(table))}); in brackets the published value}}",
        rf"\begin{{tabular}}{{l{'r' * len(table.columns)}}}",
        r"\hline",
        " & ".join(["", *map(_tex, headings(table))]) + r" \\",
        r"\hline",
    ]
    for row in table.rows:
        cells = [_tex(short(table, table.cells[row, column])) for column in table.columns]
        lines.append(" & ".join([_tex(row), *cells]) + r" \\")
    return "\n".join([*lines, r"\hline", r"\end{tabular}", r"\end{table}", ""])


def comma_separated(table: PaperTable) -> str:
    """A line for each cell, with all that is known of it."""
    text = StringIO()
    writer = csv.DictWriter(text, _FIELDS, lineterminator="\n")
    writer.writeheader()
    for row in table.rows:
        for column in table.columns:
            writer.writerow({"row": row, "column": column, **table.cells[row, column].as_json()})
    return text.getvalue()


def headings(table: PaperTable) -> list[str]:
    """The columns, with the way that is better where it is not that of the table."""
    return [
        f"{column} {_ARROWS[table.directions[column]]}" if column in table.directions else column
        for column in table.columns
    ]


def heading_unit(table: PaperTable) -> str:
    """The unit, with the way that is better."""
    return f"{table.unit} {_ARROWS[table.direction]}"


def short(table: PaperTable, cell: Cell) -> str:
    """Measured, with the published value in brackets where there is one."""
    own = "–" if cell.measured is None else number(table, cell.measured)
    return own if cell.published is None else f"{own} ({printed(table, cell.published)})"


def printed(table: PaperTable, value: float) -> str:
    """A published value as the paper prints it: ranks and percentages to a tenth."""
    return f"{value:.1f}" if table.unit in ("ranks", "percent") else f"{value:g}"


def number(table: PaperTable, value: float) -> str:
    """A value with the digits of its table, and a true minus."""
    return f"{value:.{table.digits}f}".replace("-", "−")


def provenance_lines(facts: Mapping[str, Any]) -> list[str]:
    """Where a page comes from, in a line or two."""
    versions = ", ".join(f"{name} {version}" for name, version in facts["versions"].items())
    return [
        f"Made by `{facts['command']}` on {facts['date']}, seed {facts['seed']}.",
        "",
        f"Versions: {versions}.",
    ]


def _in_full(table: PaperTable, row: str, column: str) -> list[str]:
    cell = table.cells[row, column]
    has_interval = cell.low is not None and cell.high is not None
    difference = cell.difference
    return [
        row,
        column,
        f"none: {cell.why}" if cell.measured is None else number(table, cell.measured),
        f"{number(table, cell.low)} to {number(table, cell.high)}" if has_interval else "–",  # type: ignore[arg-type]  # both are numbers
        str(cell.n),
        "–" if cell.chance is None else number(table, cell.chance),
        "–" if cell.certified is None else f"{cell.certified:.0%}",
        "–" if cell.published is None else printed(table, cell.published),
        "–" if difference is None else f"{'+' if difference > 0 else ''}{number(table, difference)}",
    ]


def _absences(table: PaperTable) -> Iterator[str]:
    """Why there are no numbers, a line for each reason."""
    reasons: dict[str, list[str]] = {}
    for (row, column), cell in table.cells.items():
        if cell.why:
            reasons.setdefault(cell.why, []).append(f"{row}, {column}")
    for why, places in reasons.items():
        where = places[0] if len(places) == 1 else f"{len(places)} cells from {places[0]} on"
        yield f"No number in {where}: {why}."


def _without_intervals(table: PaperTable) -> Iterator[str]:
    """Why measured cells have no interval."""
    bare = [cell.n for cell in table.cells.values() if cell.measured is not None and cell.low is None]
    if bare and max(bare) < MIN_UNITS:
        yield f"No interval where fewer than {MIN_UNITS} units say anything about spread; preset=full has more."


def _chance_of(table: PaperTable, column: str) -> float | None:
    return next((c for row in table.rows if (c := table.cells[row, column].chance) is not None), None)


def _list(heading: str, lines: Sequence[str]) -> list[str]:
    return [f"## {heading}", "", *(f"- {line}" for line in lines), ""] if lines else []


def _rows(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    aligned = ["---", *("---:" for _ in header[1:])]
    return ["| " + " | ".join(cells) + " |" for cells in (header, aligned, *rows)]


def _tex(text: str) -> str:
    return "".join(_ESCAPES.get(letter, letter) for letter in text)
