"""What the paper says in prose, checked against what it printed and against what was measured here.

A verdict is `holds`, `does not hold` or `cannot be told`, with the numbers that it rests on. Of printed tables the
point values are taken, since no interval is printed. Of ours nothing is told below five independent units, and the
numbers are given all the same.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean
from typing import Any, Literal

from scipy.stats import rankdata

from benchmark.paper.cells import PaperTable
from benchmark.paper.published import Published, published
from benchmark.parts.explainers import EXPLAINERS
from benchmark.parts.strangers import ENCODER, MODEL
from benchmark.score.statistics import MIN_UNITS

Answer = Literal["holds", "does not hold", "cannot be told"]
OURS = "FineXL"
_TRIALS = 18
"""Selections behind every cell of Table 3, of which all are multiples."""
_PERCENT = 0.005
"""Percentages are printed whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What numbers say of a claim."""

    answer: Answer
    numbers: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """A table as numbers by printed row and column, whoever measured them."""

    by_place: Mapping[tuple[str, str], float]
    columns: tuple[str, ...]
    n: int | None
    """Independent units of each cell; None where the paper does not say."""
    direction: str = "higher"
    """lower or higher: which is better."""

    def column(self, name: str) -> dict[str, float]:
        """The values of a column, by row."""
        return {row: value for (row, column), value in self.by_place.items() if column == name}

    def row(self, name: str) -> dict[str, float]:
        """The values of a row, by column."""
        return {column: value for (row, column), value in self.by_place.items() if row == name}


Tables = Callable[[str], Values | None]
"""Name of a table to its values; None where it was not measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A sentence of the paper and how it is checked."""

    name: str
    quote: str
    section: str
    check: Callable[[Tables], Verdict]
    counted: tuple[str, ...] = ()
    """The tables whose units are counted before the claim is told of our numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A claim with both verdicts."""

    name: str
    quote: str
    section: str
    published: Verdict
    ours: Verdict


def check_all(
    tables: Mapping[str, PaperTable], figures: Mapping[str, Mapping[str, Any]]
) -> tuple[Checked, ...]:
    """Every claim, for the paper and for what is measured here; `figures` are the numbers behind figures."""

    def printed(name: str) -> Values | None:
        return of_published(published(name)) if name.startswith("table") else None

    def measured(name: str) -> Values | None:
        if name.startswith("figure"):
            return of_series(figures[name]) if name in figures else None
        return of_table(tables[name]) if name in tables else None

    return tuple(
        Checked(
            name=claim.name,
            quote=claim.quote,
            section=claim.section,
            published=claim.check(printed),
            ours=_of_few(claim.check(measured), measured, claim),
        )
        for claim in CLAIMS
    )


def of_published(found: Published) -> Values:
    """What was printed."""
    values = {
        (row, column): value
        for row, given in found.rows.items()
        for column, value in zip(found.columns, given, strict=True)
        if value is not None
    }
    return Values(by_place=values, columns=found.columns, n=None, direction=found.direction)


def of_table(table: PaperTable) -> Values:
    """What was measured of rows that the paper has, under the printed names; columns that it lacks keep their own."""
    values, counts = {}, []
    for (row, column), cell in table.cells.items():
        if cell.measured is not None and row in table.printed_rows:
            at = (table.printed_rows[row], table.printed_columns.get(column, column))
            values[at] = cell.measured
            counts.append(cell.n)
    columns = tuple(table.printed_columns.get(column, column) for column in table.columns)
    return Values(by_place=values, columns=columns, n=min(counts, default=0), direction=table.direction)


def of_series(data: Mapping[str, Any]) -> Values:
    """How FineXL's amounts follow scales, a row for each edit."""
    own = [each for each in data["series"] if each["row"] == OURS]
    values = {
        (each["group"], fact): each[fact] for each in own for fact in ("r", "R²") if each[fact] is not None
    }
    n = min((len(each["scales"]) for each in own), default=0)
    return Values(by_place=values, columns=("r", "R²"), n=n)


def reductions(found: Values, error: Callable[[float], float]) -> dict[str, float]:
    """By how much the error is below that of the best other row, as a share, by column."""
    shares = {}
    for column in found.columns:
        errors = {row: error(value) for row, value in found.column(column).items()}
        others = [value for row, value in errors.items() if row != OURS]
        if OURS in errors and others and min(others) > 0:
            shares[column] = 1 - errors[OURS] / min(others)
    return shares


def best_case_p(one: int, other: int) -> float:
    """The least p of an exact McNemar test between two numbers of right answers of the same trials: no losses.

    >>> best_case_p(17, 14)
    0.25
    >>> best_case_p(17, 16)
    1.0
    """
    return min(1.0, 2.0 ** (1 - abs(one - other)))


def _accuracy_by_56(tables: Tables) -> Verdict:
    if (found := tables("table_1")) is None or not (shares := reductions(found, float)):
        return _unknown("Table 1 is not measured")
    return _told(all(share >= 0.56 - _PERCENT for share in shares.values()), _percentages(shares))


def _error_by_half(tables: Tables) -> Verdict:
    if (found := tables("table_3")) is None:
        return _unknown("Table 3 is not measured")
    columns = ("Synthetic", "Style transfer", "WikiArt")
    kept = {place: value for place, value in found.by_place.items() if place[1] in columns}
    as_printed = found.n is None

    def error(value: float) -> float:
        return 1 - (round(value * _TRIALS / 100) / _TRIALS if as_printed else value / 100)

    shares = reductions(Values(by_place=kept, columns=columns, n=found.n), error)
    if not shares:
        return _unknown("Table 3 lacks FineXL or its baselines")
    return _told(all(share >= 0.5 - 1e-9 for share in shares.values()), _percentages(shares))


def _beats_baselines(tables: Tables) -> Verdict:
    found = tables("table_3")
    if found is None:
        return _unknown("Table 3 is not measured")
    if found.n is not None:
        leads = {column: lead(found, column) for column in found.columns}
        known = {column: value for column, value in leads.items() if value is not None}
        said = ", ".join(f"{column} {value:+.1f} points" for column, value in known.items())
        return _told(bool(known) and all(value > 0 for value in known.values()), said or "no column has both")
    whole = {place: round(value * _TRIALS / 100) for place, value in found.by_place.items()}
    off = max(abs(value - 100 * whole[place] / _TRIALS) for place, value in found.by_place.items())
    chances = {column: best_case_p(whole[OURS, column], whole["VisDiff", column]) for column in found.columns}
    said = ", ".join(f"{column} {chance:g}" for column, chance in chances.items())
    return _unknown(
        f"every cell is k/{_TRIALS} (to {off:.2f} points), and an exact McNemar test against VisDiff gives at best "
        f"p = {said}"
    )


def _finer_levels(tables: Tables) -> Verdict:
    from benchmark.score.rank_mae import rank_mae_chance  # late: metrics need torch

    if (found := tables("table_2")) is None:
        return _unknown("Table 2 is not measured")
    leads = {column: ahead for column in found.columns if (ahead := lead(found, column)) is not None}
    if len(leads) < 2:
        return _unknown(f"only {len(leads)} numbers of levels are measured")
    values = [*leads.values()]
    said = ", ".join(f"{ahead:+.2f} at {n}" for n, ahead in leads.items())
    shares = ", ".join(f"{ahead / rank_mae_chance(int(n)):.2f}" for n, ahead in leads.items())
    grows = values[-1] > 0 and all(one <= other + 1e-9 for one, other in pairwise(values))
    return _told(grows, f"ahead of the best baseline by {said} levels; in units of chance {shares}")


def _finer_lattice(tables: Tables) -> Verdict:
    found = tables("table_3")
    coarse = None if found is None else lead(found, "Synthetic")
    fine = None if found is None else lead(found, "Synthetic, finer")
    if coarse is None or fine is None:
        return _unknown("no finer lattice is measured")
    return _told(
        fine > coarse,
        f"ahead of the best baseline by {coarse:+.1f} points in halves and {fine:+.1f} in finer ones",
    )


def _positive_not_linear(tables: Tables) -> Verdict:
    if (found := tables("figure_9")) is None:
        return _unknown("the figure prints no numbers")
    rows = {row for row, _ in found.by_place}
    if not rows:
        return _unknown("nothing varies with the scale")
    said = "; ".join(
        f"{row}: r {found.row(row)['r']:.2f}, R² of a straight line {found.row(row)['R²']:.2f}"
        for row in sorted(rows)
    )
    return _told(all(found.row(row)["r"] > 0 for row in rows), said)


def _clip_is_best(tables: Tables) -> Verdict:
    if (found := tables("table_8")) is None:
        return _unknown("Table 8 is not measured")
    signs = {"Linearity": -1, "Orthogonality": 1, "Alignment": -1}
    ranks: dict[str, list[float]] = {}
    for column, sign in signs.items():
        values = found.column(column)
        sizes = [sign * (abs(value) if column == "Orthogonality" else value) for value in values.values()]
        for row, rank in zip(values, rankdata(sizes), strict=True):
            ranks.setdefault(row, []).append(float(rank))
    means = {row: fmean(each) for row, each in ranks.items()}
    if "CLIP" not in means:
        return _unknown("Table 8 has no CLIP")
    best = sum(rank == 1 for rank in ranks["CLIP"])
    said = ", ".join(f"{row} {mean:.2f}" for row, mean in sorted(means.items(), key=lambda each: each[1]))
    return _told(
        all(means["CLIP"] < mean for row, mean in means.items() if row != "CLIP"),
        f"CLIP is best in {best} of 3 columns; mean ranks: {said}",
    )


def _robust_to_prompts(tables: Tables) -> Verdict:
    if (found := tables("table_12")) is None or not found.by_place:
        return _unknown("no model that reads the question was asked")
    spreads = {
        column: max(values.values()) - min(values.values())
        for column in found.columns
        if (values := found.column(column))
    }
    said = ", ".join(f"{spread:.2f} at {column} levels" for column, spread in spreads.items())
    return _told(
        all(spread <= 0.1 + 1e-9 for spread in spreads.values()),
        f"the three phrasings differ by {said}; a tenth is what is printed",
    )


def _generic(tables: Tables) -> Verdict:
    first: dict[str, bool] = {}
    said = []
    for name in ("table_1", "table_5", "table_6"):
        found = tables(name)
        for column in found.columns if found else ():
            ahead = lead(found, column) if found else None
            if ahead is not None:
                first[f"{name} {column}"] = ahead > 0
                said.append(f"{name.replace('_', ' ')}, {column} {ahead:+.2f}")
    if not first:
        return _unknown("no generator is measured")
    return _told(all(first.values()), "ahead of the best baseline by " + "; ".join(said))


def _training_free(tables: Tables) -> Verdict:
    uses, found = EXPLAINERS["finexl_paper"].uses, tables("table_1")
    if found is None or found.n is None:
        return _unknown("tables do not show it; Algorithm 1 has no step of training")
    return _told(set(uses) <= {ENCODER, MODEL}, f"it is handed {' and '.join(uses)}, and trains nothing")


def _best_vlm(tables: Tables) -> Verdict:
    return _first_in_all(tables("table_7"), "GPT-4o", "Table 7")


def _growing_ideal(tables: Tables) -> Verdict:
    if (found := tables("table_9")) is None:
        return _unknown("Table 9 is not measured")
    printed = published("table_9").columns  # ours has generators beside these that are no further step down
    values = [
        value
        for column in found.columns
        if column in printed and (value := found.row("Alignment").get(column)) is not None
    ]
    return _told(
        all(one > other for one, other in pairwise(values)), " > ".join(f"{value:.2f}" for value in values)
    )


def _insensitive_to_threshold(tables: Tables) -> Verdict:
    found = tables("table_10")
    errors = {} if found is None else found.row("Explanation Error")
    if "0.2" not in errors or "0.6" not in errors:
        return _unknown("the error is not known at 0.2 and 0.6")
    growth = errors["0.6"] / errors["0.2"] - 1 if errors["0.2"] else 0.0
    return _unknown(
        f"the error goes from {errors['0.2']:.2f} at 0.2 to {errors['0.6']:.2f} at 0.6 ({growth:+.0%}); "
        "no test says what is significant"
    )


CLAIMS: tuple[Claim, ...] = (
    Claim(name="56 percent", section="Abstract, 1, 6.1", check=_accuracy_by_56, counted=("table_1",),
          quote="reduce the explanation error by 56% compared to baselines in both synthetic and real-world datasets"),
    Claim(name="at least 50 percent", section="1, 6.2", check=_error_by_half, counted=("table_3",),
          quote="surpassed the baselines by reducing the estimation error by at least 50%"),
    Claim(name="surpasses the baselines", section="6.2", check=_beats_baselines, counted=("table_3",),
          quote="As shown in Table 3, FineXL surpassed the baselines"),
    Claim(name="better with more levels", section="6.1", check=_finer_levels, counted=("table_2",),
          quote="when there are many varying levels ... bigger advantages compared to baselines"),
    Claim(name="better the finer the lattice", section="6.2", check=_finer_lattice, counted=("table_3",),
          quote="FineXL will outperform the baselines even more in more fine-grained scenarios"),
    Claim(name="positive, not strictly linear", section="6.3", check=_positive_not_linear, counted=("figure_9",),
          quote="correlates positively with the editing scale ... may not be strictly linear"),
    Claim(name="generic", section="1, 6.5", check=_generic, counted=("table_1", "table_5", "table_6"),
          quote="generically applicable to all major types of image generation models"),
    Claim(name="training-free", section="1", check=_training_free, quote="FineXL is completely training-free"),
    Claim(name="best VLM", section="6.6", check=_best_vlm, quote="GPT-4o is the best to be used in FineXL"),
    Claim(name="CLIP best overall", section="6.7", check=_clip_is_best,
          quote="CLIP has the best overall performance among the 4 choices"),
    Claim(name="better ideals align better", section="A", check=_growing_ideal,
          quote="newer versions of SD ... yield smaller approximation errors"),
    Claim(name="insensitive to the threshold", section="B", check=_insensitive_to_threshold,
          quote="even when using a relatively large threshold, the explanation error does not increase significantly"),
    Claim(name="robust to prompt phrasing", section="G", check=_robust_to_prompts, counted=("table_12",),
          quote="FineXL is robust to variations in prompt phrasing"),
)  # fmt: skip
"""Every claim of abstract, §1 and §6 that numbers can speak to, and of the appendices that tables belong to."""


def _of_few(verdict: Verdict, measured: Tables, claim: Claim) -> Verdict:
    """Too few units tell nothing."""
    counts = [
        found.n for name in claim.counted if (found := measured(name)) is not None and found.n is not None
    ]
    if verdict.answer == "cannot be told" or not counts or min(counts) >= MIN_UNITS:
        return verdict
    return _unknown(
        f"from {min(counts)} {'unit' if min(counts) == 1 else 'units'} a cell; "
        f"the point values say that it {verdict.answer}: {verdict.numbers}"
    )


def lead(found: Values, column: str) -> float | None:
    """How far FineXL is ahead of the best other row; below zero where it is behind."""
    values = found.column(column)
    others = [value for row, value in values.items() if row != OURS]
    if OURS not in values or not others:
        return None
    return values[OURS] - max(others) if found.direction == "higher" else min(others) - values[OURS]


def _first_in_all(found: Values | None, row: str, what: str) -> Verdict:
    if found is None or not found.row(row):
        return _unknown(f"{what} is not measured")
    places = []
    for column, value in found.row(row).items():
        others = [each for name, each in found.column(column).items() if name != row]
        places.append((column, value, max(others)))
    said = ", ".join(f"{value:.1f} against {other:.1f} at {column}" for column, value, other in places)
    is_first = all(value >= other for _, value, other in places) and any(
        value > other for _, value, other in places
    )
    return _told(is_first, said)


def _percentages(shares: Mapping[str, float]) -> str:
    return ", ".join(f"{column} {share:.0%}" for column, share in shares.items())


def _told(holds: bool, numbers: str) -> Verdict:
    return Verdict(answer="holds" if holds else "does not hold", numbers=numbers)


def _unknown(why: str) -> Verdict:
    return Verdict(answer="cannot be told", numbers=why)


def lines(found: Sequence[Checked]) -> list[str]:
    """Claims for a terminal: the sentence, then both verdicts."""
    return [
        line
        for one in found
        for line in (
            f"{one.name} (§{one.section}): “{one.quote}”",
            f"  published: {one.published.answer}: {one.published.numbers}",
            f"  ours:      {one.ours.answer}: {one.ours.numbers}",
        )
    ]
