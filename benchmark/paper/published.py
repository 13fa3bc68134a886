"""What the paper printed, from `configs/published/`: a value for each row and column, with its source.

A cell is named by table, row and column; the text that the values were read from has no pages.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from benchmark.config.choices import config_folder, values_in
from finexl.errors import unknown_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A printed table."""

    source: str
    section: str
    caption: str
    unit: str
    direction: Literal["lower", "higher"]
    columns: tuple[str, ...]
    rows: Mapping[str, tuple[float | None, ...]]
    """None where the paper prints no number."""
    note: str

    def find(self, row: str | None, column: str) -> float | None:
        """The printed value; None where there is none."""
        values = self.rows.get(row or "")
        return None if values is None or column not in self.columns else values[self.columns.index(column)]

    def column(self, name: str) -> dict[str, float]:
        """The printed values of a column by row, without those that the paper leaves out."""
        found = {row: self.find(row, name) for row in self.rows}
        return {row: value for row, value in found.items() if value is not None}


@cache
def published(name: str) -> Published:
    """A printed table by the name of its file.

    Raises:
        UnknownNameError: There is no such file.
    """
    folder = config_folder() / "published"
    found = values_in(folder / f"{name}.yaml")
    if not found:
        raise unknown_name("published", name, [path.stem for path in sorted(folder.glob("*.yaml"))])
    return Published(
        source=found["source"],
        section=found["section"],
        caption=found["caption"],
        unit=found["unit"],
        direction=found["direction"],
        columns=tuple(found["columns"]),
        rows={
            str(row): tuple(None if value is None else float(value) for value in values)
            for row, values in found["rows"].items()
        },
        note=found.get("note", ""),
    )
