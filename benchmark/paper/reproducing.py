"""Makes tables and figures one after the other, and writes each as soon as it is there."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmark.paper.asking import Asked
from benchmark.paper.claims import Checked, check_all
from benchmark.paper.desk import Desk
from benchmark.paper.making import make_figure, make_table, provenance
from benchmark.paper.pages import (
    kept_figures,
    kept_tables,
    terminal,
    write_claims,
    write_figure,
    write_index,
    write_table,
)
from benchmark.paper.specification import Specification
from finexl.errors import FinexlError
from finexl.explain.folding import room

_WIDE = 200
"""Columns where there is no terminal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reproduced:
    """What was made of tables and figures."""

    written: tuple[Path, ...]
    failed: Mapping[str, str]
    """Heading to why it could not be made."""


def reproduce(
    specs: Sequence[Specification], asked: Asked, *, command: str, tell: Callable[[str], None]
) -> Reproduced:
    """Make and write tables and figures; a run that was stopped goes on where it was.

    Of several, those that can be made are made: hours of the others are not lost to one that cannot.
    """
    desk = Desk(asked=asked, tell=tell)
    facts = provenance(desk, command)
    written: list[Path] = []
    failed: dict[str, str] = {}
    for spec in specs:
        tell(f"{spec.heading}: {spec.title}")
        try:
            written += _made(spec, desk, facts)
        except FinexlError as error:
            if len(specs) == 1:
                raise
            failed[spec.heading] = str(error)
            tell(f"{spec.heading} could not be made: {error}")
    return Reproduced(written=(*written, write_index(asked.pages)), failed=failed)


def _made(spec: Specification, desk: Desk, facts: Mapping[str, Any]) -> list[Path]:
    if spec.kind == "figure":
        figure = make_figure(spec, desk)
        written, said = write_figure(figure, desk.asked.pages, facts), [*figure.remarks]
    else:
        table = make_table(spec, desk)
        written, said = write_table(table, desk.asked.pages, facts), [*table.remarks]
        for line in terminal(table, width=room(otherwise=_WIDE)):
            desk.tell(line)
    for remark in said:
        desk.tell(f"- {remark}")
    return written


def check_claims(asked: Asked, *, command: str) -> tuple[Checked, ...]:
    """Check the paper's claims on what is written so far, and write the page of them."""
    found = check_all(kept_tables(asked.pages), kept_figures(asked.pages))
    write_claims(found, asked.pages, provenance(Desk(asked=asked), command))
    write_index(asked.pages)
    return found


def dry(specs: Sequence[Specification], asked: Asked) -> list[str]:
    """What tables and figures would take, as lines; nothing is done."""
    from benchmark.paper.costs import cost_lines, costs_of

    desk = Desk(asked=asked)
    costs = list(costs_of(specs, desk))
    lines = [f"{', '.join(spec.heading for spec in specs)}; nothing is done.", *cost_lines(costs)]
    run = {heading for cost in costs for heading in cost.needed_by}
    if without := [spec.heading for spec in specs if spec.heading not in run]:
        lines.append(f"Without a run, in a few minutes: {', '.join(without)}.")
    return [*lines, f"runs in {asked.output}, pages in {asked.pages}"]
