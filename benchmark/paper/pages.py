"""What is written for people: a page and data files for each table and figure, the claims, and an index.

A page says which command made it, when, with which seed and versions; the date is that of the last change.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from benchmark.paper.cells import PaperTable, table_from
from benchmark.paper.claims import Checked
from benchmark.paper.figures.figure import PaperFigure
from benchmark.paper.specification import everything
from benchmark.paper.writers import (
    comma_separated,
    heading_unit,
    headings,
    latex,
    markdown,
    provenance_lines,
    short,
)
from benchmark.record.files import write_atomically
from benchmark.record.recording import write_json

INDEX = "index.md"


def write_table(table: PaperTable, folder: Path, facts: Mapping[str, Any]) -> list[Path]:
    """Write a table as .md, .tex, .csv and .json; returns the files."""
    path = folder / f"{table.name}.json"
    dated = _dated(path, table.as_json(), facts)
    written = {
        path.with_suffix(".md"): markdown(table, dated),
        path.with_suffix(".tex"): latex(table, dated),
        path.with_suffix(".csv"): comma_separated(table),
    }
    write_json(path, {**table.as_json(), "provenance": dated}, as_given=("rows", "columns", "cells", "roles"))
    return [*_texts(written), path]


def write_figure(figure: PaperFigure, folder: Path, facts: Mapping[str, Any]) -> list[Path]:
    """Write a figure as .png, .svg, .md and .json; returns the files."""
    path = folder / f"{figure.name}.json"
    content = {
        "name": figure.name,
        "heading": figure.heading,
        "title": figure.title,
        "section": figure.section,
        "data": json.loads(json.dumps(figure.data)),
        "remarks": list(figure.remarks),
    }
    dated = _dated(path, content, facts)
    lines = [
        f"# {figure.heading}", "", f"{figure.title} (§{figure.section}).", "",
        f"![{figure.title}]({figure.name}.png)", "", *(f"- {line}" for line in figure.remarks), "",
        *provenance_lines(dated), "",
    ]  # fmt: skip
    write_atomically(path.with_suffix(".png"), figure.drawing.png())
    write_atomically(path.with_suffix(".svg"), figure.drawing.svg())
    write_json(path, {**content, "provenance": dated}, as_given=("data",))
    pages = _texts({path.with_suffix(".md"): "\n".join(lines)})
    return [path.with_suffix(".png"), path.with_suffix(".svg"), *pages, path]


def write_claims(found: Iterable[Checked], folder: Path, facts: Mapping[str, Any]) -> list[Path]:
    """Write claims.md and claims.json."""
    checked = list(found)
    path = folder / "claims.json"
    content = {"claims": [asdict(one) for one in checked]}
    dated = _dated(path, content, facts)
    lines = [
        "# Claims of the paper",
        "",
        "What it says, what its own tables say of it, and what ours say.",
        "",
    ]
    for one in checked:
        lines += [
            f"## {one.name}", "", f"“{one.quote}” (§{one.section})", "",
            f"- published: **{one.published.answer}**: {one.published.numbers}",
            f"- ours: **{one.ours.answer}**: {one.ours.numbers}", "",
        ]  # fmt: skip
    write_json(path, {**content, "provenance": dated}, as_given=("claims",))
    return [*_texts({path.with_suffix(".md"): "\n".join([*lines, *provenance_lines(dated), ""])}), path]


def write_index(folder: Path) -> Path:
    """Write the page that names every table and figure, with those that are not made yet."""
    lines = [
        "# The paper, measured",
        "",
        "Tables and figures of arXiv 2511.01932, each measured here beside what was printed. "
        "Models and data are the miniature's: what compares is the order of rows, and how far they are from chance.",
        "",
        "| | shows | preset | made |",
        "| --- | --- | --- | --- |",
    ]
    for spec in everything():
        path = folder / f"{spec.name}.json"
        if path.is_file():
            found = json.loads(path.read_text(encoding="utf-8"))["provenance"]
            lines.append(
                f"| [{spec.heading}]({spec.name}.md) | {spec.title} | {found['preset']} | {found['date']} |"
            )
        else:
            command = f"python -m benchmark {spec.kind} {spec.number}"
            lines.append(f"| {spec.heading} | {spec.title} | – | not yet: `{command}` |")
    if (folder / "claims.md").is_file():
        lines += ["", "[What the paper claims in prose](claims.md), and whether it holds."]
    write_atomically(folder / INDEX, "\n".join([*lines, ""]).encode())
    return folder / INDEX


def kept_tables(folder: Path) -> dict[str, PaperTable]:
    """Every table that was written, by name."""
    found = (json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("table_*.json")))
    return {each["name"]: table_from(each) for each in found}


def kept_figures(folder: Path) -> dict[str, Mapping[str, Any]]:
    """The numbers behind every figure that was written, by name."""
    found = (json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("figure_*.json")))
    return {each["name"]: each["data"] for each in found}


def terminal(table: PaperTable, *, width: int) -> list[str]:
    """A table for a terminal, in columns; those that there is no room for follow below."""
    rows = [["", *headings(table)]]
    rows += [
        [row, *(short(table, table.cells[row, column]) for column in table.columns)] for row in table.rows
    ]
    first, *widths = (max(len(row[place]) for row in rows) for place in range(len(rows[0])))
    lines, start = list[str](), 0
    while start < len(widths):
        end, used = start + 1, first + 2 + widths[start]
        while end < len(widths) and used + 2 + widths[end] <= width:
            end, used = end + 1, used + 2 + widths[end]
        lines += [""] if start else []
        lines += [
            "  ".join(
                [row[0].ljust(first), *map(str.rjust, row[start + 1 : end + 1], widths[start:end])]
            ).rstrip()
            for row in rows
        ]
        start = end
    return [f"{table.heading}: {table.title} ({heading_unit(table)}; in brackets: published)", *lines]


def _dated(path: Path, content: Mapping[str, Any], facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts with a date: that of the file, if it says the same already."""
    today = {**facts, "date": date.today().isoformat()}
    if not path.is_file():
        return today
    kept = json.loads(path.read_text(encoding="utf-8"))
    before = kept.pop("provenance", {})
    is_same = kept == json.loads(json.dumps(dict(content)))
    return {**today, "date": before["date"]} if is_same and "date" in before else today


def _texts(written: Mapping[Path, str]) -> list[Path]:
    for path, text in written.items():
        write_atomically(path, text.encode())
    return [*written]
