"""What `check` found, as a table for a terminal."""

import shlex
from collections.abc import Sequence

from rich.table import Table

from benchmark.check.contract_rules import Finding
from benchmark.show.score_table import plain_cell, titled_table

_STYLES = {"pass": "green", "fail": "bold red", "skip": "yellow"}


def contract_table(findings: Sequence[Finding], *, name: str, kind: str) -> Table:
    """One row per check: result, seconds and what was seen; failures say what must hold and what to do."""
    table = titled_table(f"The contract of explainers: {name}")
    table.add_column("check", no_wrap=True)
    table.add_column("result", no_wrap=True)
    table.add_column("seconds", justify="right", no_wrap=True)
    table.add_column("what was seen", overflow="fold")
    for finding in findings:
        result = plain_cell(finding.status)
        result.stylize(_STYLES[finding.status])
        table.add_row(finding.name, result, _seconds(finding), plain_cell(finding.detail(kind)))
    return table


def line(finding: Finding) -> str:
    """One check in one line, said as soon as it is made."""
    return (
        f"{finding.name + ' ':.<20} {finding.status}{f'  {_seconds(finding)} s' if finding.seconds else ''}"
    )


def verdict(findings: Sequence[Finding], *, name: str) -> str:
    """How many checks passed, and what next."""
    counts = {
        status: [finding.name for finding in findings if finding.status == status] for status in _STYLES
    }
    said = f"{len(counts['pass'])} of {len(findings)} checks passed."
    for status in ("fail", "skip"):
        if counts[status]:
            said += f" {len(counts[status])} {status}: {', '.join(counts[status])}."
    if not counts["fail"]:
        said += f" Next: python -m benchmark run preset=smoke explainer={shlex.quote(name)},constant"
    return said


def _seconds(finding: Finding) -> str:
    return f"{finding.seconds:.1f}" if finding.seconds else "–"
