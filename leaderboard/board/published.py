"""Numbers that a paper printed: shown in a block of their own, since nobody can verify them here."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedTable:
    """A table of the paper: its number, what it shows, and a row of numbers for each explainer."""

    table: str
    section: str
    about: str
    direction: str
    unit: str
    chance: float | None
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[float, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What a paper printed, with its source."""

    source: str
    note: str
    tables: tuple[PublishedTable, ...]


@cache
def published() -> Published:
    """The numbers of the FineXL paper, from `published.json` beside this file."""
    found = json.loads(files("leaderboard.board").joinpath("published.json").read_text(encoding="utf-8"))
    tables = tuple(
        PublishedTable(
            **{
                **each,
                "columns": tuple(each["columns"]),
                "rows": tuple((name, tuple(row)) for name, row in each["rows"].items()),
            }
        )
        for each in found["tables"]
    )
    return Published(source=found["source"], note=found["note"], tables=tables)
