"""The scores of one scenario as a table for a terminal: a block for each track, best first."""

from collections.abc import Sequence

from rich import box
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from benchmark.config.choices import file_of, names_in, values_in
from benchmark.plan.preset import PresetConfig
from benchmark.plan.scenarios import SCENARIOS
from benchmark.score.comparisons import TRACKS, Comparison, by_track, compared
from benchmark.score.scores import Score, ScoreRow
from finexl.explain.folding import counted

OTHER_SCORES: dict[str, tuple[str, str]] = {
    "claim_f1": ("claim", "F1"),
    "top_naming": ("top", "name"),
    "comparability": ("compa-", "rable"),
    "false_alarms": ("false", "alarm"),
}
"""Scores beside the scenario's own, with two lines of heading."""
_WIDE = 110
"""Characters from which there is room for costs; the report has them always."""
_WIDER = 140
"""Characters from which columns stand apart."""
_ARROWS = {"lower": "↓", "higher": "↑"}


def score_table(rows: Sequence[ScoreRow], *, width: int = _WIDE) -> Table:
    """A block for each track with one row per explainer, best first; the arrow says which way is better.

    Below it: what the tracks are, and whether the scores tell explainers apart.
    """
    own, is_wide = rows[0].own, width >= _WIDE
    arrow = _ARROWS[own.direction]
    title = f"{rows[0].scenario}: {own.name} {arrow}  ({own.direction} is better, chance {own.chance:.2f})"
    blocks, found = by_track(rows), compared(rows)
    table = titled_table(title, padding=int(width >= _WIDER))
    table.caption, table.caption_justify, table.caption_style = (
        plain_cell("\n".join(notes(rows, found))),
        "left",
        "",
    )
    others = [name for name in OTHER_SCORES if any(row.find(name) for row in rows) and name != own.name]
    table.add_column("explainer", no_wrap=True)
    table.add_column("tier", justify="right", no_wrap=True)
    table.add_column(f"{own.name.replace('_', chr(10))} {arrow}", justify="right", style="bold")
    table.add_column("95%\ninterval", justify="right", no_wrap=True)
    for name in others:
        (score,) = [score for row in rows if (score := row.find(name)) is not None][:1]
        table.add_column(
            f"{chr(10).join(OTHER_SCORES[name])} {_ARROWS[score.direction]}", justify="right", no_wrap=True
        )
    table.add_column("un-\nread", justify="right", no_wrap=True)
    for name in ("n", "certified", "seconds", "VLM\ncalls") if is_wide else ():
        table.add_column(name, justify="right", no_wrap=True)
    for track, members in blocks.items():
        table.add_row(Text(track, style="italic"))
        for row in members:
            cells = [f"  {row.explainer}", tier(row, found), number(row.value), interval(row.own)]
            cells += [score_cell(row, name) for name in others]
            cells.append(f"{row.n_unreadable}/{row.n_models}")
            cells += (
                [str(row.own.n), certified_cell(row), f"{row.seconds:.1f}", str(row.vlm_calls)]
                if is_wide
                else []
            )
            table.add_row(*map(plain_cell, cells))
        table.add_section()
    return table


def notes(rows: Sequence[ScoreRow], found: Comparison) -> list[str]:
    """What people should know of a table: who is compared with whom, and what it tells apart."""
    told = [f"{track}: {TRACKS[track]}." for track in by_track(rows)]
    told += ["Explainers of different tracks are not compared."] if len(told) > 1 else []
    return [" ".join(told), *told_apart(rows[0].scenario, found)]


def told_apart(scenario: str, found: Comparison) -> list[str]:
    """Whether a table tells explainers apart, and what it would take if it does not; nothing to say of a single one."""
    if not found.n_tests:
        return []
    if not found.n_units:
        return ["No comparison possible: these scores are kept without what each group is worth."]
    if found.tiers:
        smallest = found.detectable(found.n_units)
        size = "" if smallest is None else f" Differences of {smallest:.2f} are found four times in five."
        return [
            "Explainers share a tier where sign flips over paired groups do not tell them apart "
            f"(5%, {found.n_units} groups, Holm over {found.n_tests} tests).{size}"
        ]
    groups = counted(found.n_units, "group")
    for preset, n_groups in groups_by_preset(scenario):
        smallest = found.detectable(n_groups) if n_groups > found.n_units else None
        if smallest is not None:
            return [
                f"{groups}: no comparison possible; preset={preset} ({n_groups} groups) can tell {smallest:.2f} apart."
            ]
    return [f"{groups}: no comparison possible."]


def groups_by_preset(scenario: str) -> list[tuple[str, int]]:
    """Every preset with its number of groups, small ones first; none where a scenario has no number of them."""
    if scenario not in SCENARIOS:
        return []
    found = []
    for name in names_in("preset"):
        size = SCENARIOS[scenario].size(PresetConfig(name=name, **values_in(file_of("preset", name))))
        if (n_groups := size.partition(" x ")[0]).isdigit():
            found.append((name, int(n_groups)))
    return sorted(found, key=lambda preset: preset[1])


def tier(row: ScoreRow, found: Comparison) -> str:
    """The tier of an explainer in its track, or a dash."""
    return str(found.tiers.get(row.explainer, "–"))


def interval(score: Score) -> str:
    """A score's interval, or a dash where there are too few units."""
    return "–" if score.low is None or score.high is None else f"{score.low:.2f}–{score.high:.2f}"


def score_cell(row: ScoreRow, name: str) -> str:
    """A row's score of some name, or a dash."""
    score = row.find(name)
    return number(None if score is None else score.value)


def certified_cell(row: ScoreRow) -> str:
    """The score without uncertified aspects, with the number of wholly certified groups where some are not."""
    some = f" ({row.n_certified})" if row.n_certified < row.n_groups else ""
    return number(row.own.certified_value) + some


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
    return "–" if value is None else f"{value:z.{digits}f}"
