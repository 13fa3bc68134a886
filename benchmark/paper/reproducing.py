"""Makes tables and figures one after the other, and writes each as soon as it is there."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

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


def reproduce(
    specs: Iterable[Specification], asked: Asked, *, command: str, tell: Callable[[str], None]
) -> list[Path]:
    """Make and write tables and figures; a run that was stopped goes on where it was. Returns the files."""
    desk = Desk(asked=asked, tell=tell)
    facts = provenance(desk, command)
    written: list[Path] = []
    for spec in specs:
        tell(f"{spec.heading}: {spec.title}")
        if spec.kind == "table":
            table = make_table(spec, desk)
            written += write_table(table, asked.pages, facts)
            for line in (*terminal(table), *(f"- {remark}" for remark in table.remarks)):
                tell(line)
        else:
            figure = make_figure(spec, desk)
            written += write_figure(figure, asked.pages, facts)
            for remark in figure.remarks:
                tell(f"- {remark}")
    return [*written, write_index(asked.pages)]


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
    lines = [f"{len(specs)} tables and figures; nothing is done."]
    lines += cost_lines(costs_of(specs, desk))
    return [*lines, f"runs in {asked.output}, pages in {asked.pages}"]
