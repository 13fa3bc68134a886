"""The board as Markdown, CSV, LaTeX and JSON."""

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from finexl.explain.folding import counted
from leaderboard.board.escaping import csv_cell, latex, markdown
from leaderboard.board.published import published
from leaderboard.board.table import Board, Cell, Column, Row, Track, shown

_COSTS = ("unreadable %", "seconds / model", "calls / model")
_FACTS = (
    "track", "id", "name", "version", "role", "division", "authors", "link", "license", "encoder", "vlms", "judge",
    "bundle", "models", "unreadable", "seconds", "vlm_calls", "vlm_tokens", "dollars", "peak_memory_mb", "audit",
    "audit_why",
)  # fmt: skip
_ENDS = ("", ".low", ".high", ".certified", ".n", ".rank")


def as_markdown(board: Board) -> str:
    """A table for each track that has rows."""
    parts = [
        f"Bundle {markdown(board.bundle)}, ledger {board.ledger[:12]} of {counted(board.n_lines, 'line')}."
    ]
    for track in _with_rows(board):
        head = ["rank", "explainer", "authors", *map(_title, track.columns), *_COSTS, "audit"]
        parts.append(f"## {track.name}\n\n{track.about}")
        lines = [head, ["---"] * len(head), *map(_markdown_row, track.rows)]
        parts.append("\n".join(f"| {' | '.join(line)} |" for line in lines))
    return "\n\n".join(parts) + "\n"


def as_csv(board: Board) -> str:
    """A line for each row of all tracks; numbers as they are, not in hundredths."""
    keys = [*dict.fromkeys(column.key for track in board.tracks for column in track.columns)]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*_FACTS, *(f"{key}{end}" for key in keys for end in _ENDS)])
    for track in board.tracks:
        for row in track.rows:
            writer.writerow([*_csv_facts(track, row), *_csv_scores(track, row, keys)])
    return text.getvalue()


def as_latex(board: Board) -> str:
    """A booktabs table for each track that has rows."""
    parts = [f"% bundle {latex(board.bundle)}, ledger {board.ledger[:12]}"]
    for track in _with_rows(board):
        titles = [f"{latex(column.scenario)} {latex(column.metric)}" for column in track.columns]
        head = ["rank", "explainer", *titles, "unreadable \\%", "s / model"]
        lines = [" & ".join(cells) + " \\\\" for cells in map(_latex_row, track.rows)]
        parts.append(
            f"% track {track.name}\n\\begin{{tabular}}{{rl{'r' * len(titles)}rr}}\n\\toprule\n"
            + " & ".join(head)
            + " \\\\\n\\midrule\n"
            + "\n".join(lines)
            + "\n\\bottomrule\n\\end{tabular}"
        )
    return "\n\n".join(parts) + "\n"


def as_json(board: Board) -> str:
    """Everything that the page shows of scores, with ids and intervals."""
    found = {
        "schema_version": 1,
        "bundle": board.bundle,
        "ledger": board.ledger,
        "tracks": {
            track.name: [_json_row(row, track.columns) for row in track.rows] for track in board.tracks
        },
        "removed": [{"id": one.id, "day": one.day, "reason": one.reason} for one in board.removed],
        "published_not_verified": {
            "source": published().source,
            "tables": {one.table: dict(one.rows) for one in published().tables},
        },
    }
    return json.dumps(found, indent=1, sort_keys=True, allow_nan=False) + "\n"


FORMATS: Mapping[str, Callable[[Board], str]] = {
    "md": as_markdown,
    "csv": as_csv,
    "tex": as_latex,
    "json": as_json,
}
"""By the ends of their files' names."""


def _with_rows(board: Board) -> list[Track]:
    return [track for track in board.tracks if track.rows]


def _title(column: Column) -> str:
    arrow = "↑" if column.direction == "higher" else "↓"
    part = " (private)" if column.part == "private" else ""
    return f"{markdown(column.scenario)} {markdown(column.metric)}{part} {arrow}"


def _markdown_row(row: Row) -> list[str]:
    role = "" if row.role == "entry" else f" ({row.role})"
    return [
        _rank(row),
        f"[{markdown(row.entry.name)} {markdown(row.entry.version)}](<{row.entry.link}>){role}",
        markdown(", ".join(row.entry.authors)),
        *("–" if cell is None else _with_interval(cell) for cell in row.cells),
        f"{100 * row.unreadable:.1f}",
        f"{row.seconds:.2f}",
        f"{row.vlm_calls:.1f}",
        row.audit.status,
    ]


def _rank(row: Row) -> str:
    first = row.cells[0] if row.cells else None
    return "–" if first is None or first.rank is None else str(first.rank)


def _with_interval(cell: Cell) -> str:
    score = cell.score
    value = shown(score.value, is_share=score.is_share)
    if score.low is None or score.high is None:
        return value
    low, high = (shown(end, is_share=score.is_share) for end in (score.low, score.high))
    return f"{value} ({low}–{high})"


def _latex_row(row: Row) -> list[str]:
    cells = ["–" if cell is None else _with_interval(cell) for cell in row.cells]
    role = "" if row.role == "entry" else f" ({row.role})"
    return [
        _rank(row).replace("–", "--"),
        f"{latex(row.entry.name)}{role}",
        *(cell.replace("–", "--") for cell in cells),
        f"{100 * row.unreadable:.1f}",
        f"{row.seconds:.2f}",
    ]


def _csv_facts(track: Track, row: Row) -> list[object]:
    entry, costs = row.entry, row.entry.costs
    texts = [
        track.name,
        row.id,
        entry.name,
        entry.version,
        row.role,
        entry.division,
        "; ".join(entry.authors),
    ]
    texts += [entry.link, entry.license, entry.encoder or "", "; ".join(entry.vlms), entry.judge or ""]
    texts += [f"{entry.bundle.name} {entry.bundle.sha256}"]
    numbers = [
        row.n_models,
        row.n_unreadable,
        costs.seconds,
        costs.vlm_calls,
        costs.vlm_tokens,
        costs.dollars,
    ]
    return [
        *map(csv_cell, texts),
        *numbers,
        costs.peak_memory_mb,
        row.audit.status,
        csv_cell(row.audit.why),
    ]


def _csv_scores(track: Track, row: Row, keys: Sequence[str]) -> list[object]:
    found = {column.key: cell for column, cell in zip(track.columns, row.cells, strict=True)}
    values: list[object] = []
    for key in keys:
        if (cell := found.get(key)) is None:
            values += [None] * len(_ENDS)
        else:
            score = cell.score
            values += [score.value, score.low, score.high, score.certified, score.n, cell.rank]
    return values


def _json_row(row: Row, columns: Sequence[Column]) -> dict[str, Any]:
    scores = {
        column.key: {**cell.score.model_dump(mode="json", exclude={"units"}), "rank": cell.rank}
        for column, cell in zip(columns, row.cells, strict=True)
        if cell is not None
    }
    return {
        "id": row.id,
        "role": row.role,
        "admitted": row.day,
        "entry": row.entry.model_dump(mode="json", exclude={"claimed"}),
        "claimed_not_verified": [one.model_dump(mode="json") for one in row.entry.claimed],
        "models": row.n_models,
        "unreadable": row.n_unreadable,
        "outcomes": dict(row.outcomes),
        "audit": row.audit.model_dump(mode="json"),
        "planted": None if row.planted is None else row.planted.model_dump(mode="json"),
        "scores": scores,
    }
