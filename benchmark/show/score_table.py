"""The scores of one scenario as a table for a terminal, best first."""

from collections.abc import Sequence

from rich import box
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from benchmark.score.scores import ScoreRow, best_first

_COLUMNS = ("95% interval", "n", "unreadable", "seconds", "VLM calls")
_MORE = ("chance", "certified", "naming", "tau")
_WIDE = 110
"""Characters from which there is room for all columns; the report has them always."""


def score_table(rows: Sequence[ScoreRow], *, width: int = _WIDE) -> Table:
    """One row per explainer with interval, chance, counts and cost; the arrow says which way is better."""
    first = rows[0]
    arrow = "↓" if first.direction == "lower" else "↑"
    title = (
        f"{first.scenario}: {first.metric} {arrow}  ({first.direction} is better, chance {first.chance:.2f})"
    )
    table = titled_table(title, padding=int(width >= _WIDE))
    table.add_column("explainer", no_wrap=True)
    table.add_column(f"{first.metric.replace('_', ' ')} {arrow}", justify="right", style="bold")
    more = () if width < _WIDE else _MORE[:2] if first.naming_accuracy is None else _MORE
    for name in (*_COLUMNS, *more):
        table.add_column(name, justify="right")
    for row in best_first(rows):
        table.add_row(*map(plain_cell, (*_cells(row), *_more_cells(row)[: len(more)])))
    return table


def titled_table(title: str, *, padding: int = 1) -> Table:
    """An empty table in the one style of this program."""
    return Table(
        title=escape(title),
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, padding),
    )


def plain_cell(text: str) -> Text:
    """Text as it is: no markup is read, and nothing in it can steer the terminal."""
    return Text("".join(letter if letter.isprintable() or letter == "\n" else "�" for letter in text))


def number(value: float | None, digits: int = 2) -> str:
    """A number, or a dash where there is none."""
    return "–" if value is None else f"{value:.{digits}f}"


def _cells(row: ScoreRow) -> tuple[str, ...]:
    return (
        row.explainer,
        number(row.value),
        "–" if row.low is None or row.high is None else f"{row.low:.2f}–{row.high:.2f}",
        str(row.n),
        f"{row.n_unreadable}/{row.n_models}",
        f"{row.seconds:.1f}",
        str(row.vlm_calls),
    )


def _more_cells(row: ScoreRow) -> tuple[str, ...]:
    n_certified = f" ({row.n_certified})" if row.n_certified < row.n_groups else ""
    certified = number(row.certified_value) + n_certified
    return (number(row.chance), certified, number(row.naming_accuracy), number(row.tau))
