"""An explanation as a card in the terminal."""

from io import StringIO

from rich import box
from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from finexl.explain.folding import CARD_COLUMNS
from finexl.explain.harmless import shown
from finexl.explain.wording import (
    LONGEST_FACT,
    direction,
    facts,
    further_names,
    headline,
    interval,
    moved,
    number,
    verdict_of,
)
from finexl.explanation import ExplainedClaim, Explanation, Verdict

_COLOURS = {Verdict.CHANGED: "green", Verdict.UNCHANGED: "cyan", Verdict.NOT_ENOUGH_DATA: "yellow"}
_BAR = 12
"""Columns of the longest bar."""
_ROOMY = 90
"""Columns from which there is room for bars and for a column of other names."""
_LEAST = 64
"""Columns of the narrowest table; where there are fewer a claim is told in lines."""


def terminal_card(explanation: Explanation, *, width: int) -> RenderableType:
    """What rich prints on so many columns; names are text and never mark-up."""
    parts: list[RenderableType] = [Text(headline(explanation), style="bold")]
    if explanation.claims:
        parts.append(
            _lines(explanation) if width < _LEAST else _claims(explanation, is_narrow=width < _ROOMY)
        )
    told = Table.grid(padding=(0, 2))
    told.add_column(overflow="fold")
    told.add_column(overflow="fold")
    for name, value in (*facts(explanation), *moved(explanation)):
        told.add_row(Text(shown(name), style="dim"), Text(shown(value, longest=LONGEST_FACT)))
    return Panel(
        Group(*parts, Text(), told),
        title=Text(str(explanation.verdict)),
        border_style=_COLOURS[explanation.verdict],
    )


def plain_card(explanation: Explanation, *, width: int = CARD_COLUMNS) -> str:
    """The same card as text without colours."""
    out = StringIO()
    Console(file=out, width=width, color_system=None).print(terminal_card(explanation, width=width))
    return out.getvalue()


def _claims(explanation: Explanation, *, is_narrow: bool) -> Table:
    """A row per claim; on a narrow terminal other names stand below the first, and there are no bars."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("", "aspect, also called") if is_narrow else ("", "aspect", "also called"):
        table.add_column(name, overflow="fold")
    for name in ("amount", "95 % interval"):
        table.add_column(name, justify="right", no_wrap=True)
    if not is_narrow:
        table.add_column("", no_wrap=True)
    table.add_column("verdict")
    longest = max(abs(claim.amount) for claim in explanation.claims) or 1.0
    for claim in explanation.claims:
        bar = "█" * max(1, round(_BAR * abs(claim.amount) / longest))
        holds = claim.verdict is Verdict.CHANGED
        named = Text(_named(claim), style="bold" if holds else "dim")
        others = Text(", ".join(shown(name) for name in further_names(claim.other_names)), style="dim")
        numbers = number(claim.amount, signed=True), interval(claim.interval)
        if is_narrow:
            called = Text("\n").join([named, others] if others else [named])
            table.add_row(direction(claim), called, *numbers, verdict_of(claim, explanation))
        else:
            shown_bar = Text(bar, style=_COLOURS[claim.verdict])
            verdict = verdict_of(claim, explanation)
            table.add_row(direction(claim), named, others, *numbers, shown_bar, verdict)
    return table


def _lines(explanation: Explanation) -> Group:
    """A few lines per claim, which any terminal has room for."""
    lines = list[Text]()
    for claim in explanation.claims:
        style = "bold" if claim.verdict is Verdict.CHANGED else "dim"
        others = [shown(name) for name in further_names(claim.other_names)]
        lines += [Text(), Text(f"{direction(claim)} {_named(claim)}", style=style)]
        lines += [Text(f"also called {', '.join(others)}", style="dim")] if others else []
        lines.append(
            Text(
                f"{number(claim.amount, signed=True)} (95 %: {interval(claim.interval)}), "
                f"{verdict_of(claim, explanation)}"
            )
        )
    return Group(*lines)


def _named(claim: ExplainedClaim) -> str:
    others = [shown(name) for name in further_names(claim.inseparable)]
    return f"{shown(claim.concept)} (or {', '.join(others)})" if others else shown(claim.concept)
