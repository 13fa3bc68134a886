"""A table as values: every cell is a measurement beside what the paper printed, or says why there is none."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from finexl.errors import InvalidInputError

_DIGITS = 9
"""Of a difference: beyond them is what floating-point numbers cannot say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One measurement, in the unit of its table."""

    measured: float | None = None
    low: float | None = None
    """95% interval; None where too few units say anything about spread."""
    high: float | None = None
    n: int = 0
    """Independent units."""
    chance: float | None = None
    """What answers without information would score; None where that is not defined."""
    certified: float | None = None
    """Share of groups of which every aspect is certified; None where no truth is made."""
    published: float | None = None
    why: str = ""
    """Why nothing is measured."""

    def __post_init__(self) -> None:
        if (self.measured is None) == (not self.why):
            raise InvalidInputError(
                "A cell must have a value or say why there is none, and not both. "
                f"Got measured={self.measured!r} and why={self.why!r}."
            )

    @property
    def difference(self) -> float | None:
        """Measured minus published, where both are known."""
        if self.measured is None or self.published is None:
            return None
        return round(self.measured - self.published, _DIGITS)

    def as_json(self) -> dict[str, Any]:
        """All of it, with the difference."""
        names = ("measured", "low", "high", "n", "chance", "certified", "published", "difference", "why")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperTable:
    """A table of the paper, measured."""

    name: str
    heading: str
    title: str
    section: str
    unit: str
    direction: str
    """lower or higher: which is better."""
    directions: Mapping[str, str] = field(default_factory=dict)
    """The same of columns that are not as the rest."""
    compares: bool = True
    """Whether rows of a column compete."""
    digits: int
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: Mapping[tuple[str, str], Cell]
    """By row and column."""
    roles: Mapping[str, str] = field(default_factory=dict)
    """Row to what it is, where the paper does not have it."""
    printed_rows: Mapping[str, str] = field(default_factory=dict)
    """Row to the row of the printed table that it stands beside."""
    printed_columns: Mapping[str, str] = field(default_factory=dict)
    """The same of columns, where they are called otherwise."""
    remarks: tuple[str, ...] = ()
    """What people must know before they read a number."""

    def __post_init__(self) -> None:
        lacking = [
            (row, column) for row in self.rows for column in self.columns if (row, column) not in self.cells
        ]
        if lacking:
            raise InvalidInputError(
                f"Every place of {self.heading} must have a cell. There is none at {lacking[0]!r}."
            )

    def direction_of(self, column: str) -> str:
        """Which is better in a column."""
        return self.directions.get(column, self.direction)

    def measured(self, column: str) -> dict[str, float]:
        """What was measured in a column, by row."""
        found = {row: self.cells[row, column].measured for row in self.rows}
        return {row: value for row, value in found.items() if value is not None}

    def as_json(self) -> dict[str, Any]:
        """All of it, cells in rows."""
        return {
            "name": self.name,
            "heading": self.heading,
            "title": self.title,
            "section": self.section,
            "unit": self.unit,
            "direction": self.direction,
            "directions": dict(self.directions),
            "compares": self.compares,
            "digits": self.digits,
            "rows": list(self.rows),
            "columns": list(self.columns),
            "roles": dict(self.roles),
            "printed_rows": dict(self.printed_rows),
            "printed_columns": dict(self.printed_columns),
            "remarks": list(self.remarks),
            "cells": [
                {"row": row, "column": column, **self.cells[row, column].as_json()}
                for row in self.rows
                for column in self.columns
            ],
        }


def table_from(given: Mapping[str, Any]) -> PaperTable:
    """A table of what `as_json` gave."""
    named = (field.name for field in fields(PaperTable))
    own = {name: given[name] for name in named if name not in ("rows", "columns", "remarks", "cells")}
    cells = {
        (cell["row"], cell["column"]): Cell(
            **{name: cell[name] for name in Cell.__slots__ if name in cell}  # the difference is made again
        )
        for cell in given["cells"]
    }
    return PaperTable(
        **own,
        rows=tuple(given["rows"]),
        columns=tuple(given["columns"]),
        remarks=tuple(given["remarks"]),
        cells=cells,
    )
