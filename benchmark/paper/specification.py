"""What a table or figure is made of, from `configs/table/` and `configs/figure/`: runs, rows, columns, metric.

Rows that several tables share are files of `configs/rows/`; what the paper printed is in `configs/published/`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from benchmark.config.choices import config_folder, values_in
from benchmark.parts.strictness import Count, Share, settings
from finexl.errors import InvalidInputError

Kind = Literal["table", "figure"]
Quantity = Literal["score", "n_concepts", "residual", "linearity", "orthogonality", "alignment"]
Direction = Literal["lower", "higher"]
Role = Literal["", "chance", "constant", "control", "ceiling"]


@settings
class Row:
    """A row: who or what is measured."""

    explainer: str | None = None
    part: str | None = None
    """The encoder or the model to ask, in tables that compare these."""
    words: tuple[str, ...] = ()
    """Settings of its own, as on the command line."""
    quantity: Quantity = "score"
    count: Count | None = None
    """Prompts, in the table of sample sizes."""
    published: str | None = None
    """The row of the printed table that it stands beside."""
    role: Role = ""
    """What the paper does not have: a row at chance, a constant, another control, or a ceiling."""


@settings
class Column:
    """A column: on what rows are measured."""

    words: tuple[str, ...] = ()
    levels: Count | None = None
    """So many levels, evenly spread over those of the series; None = all."""
    groups: tuple[str, ...] | None = None
    """Groups of these aspects only; None = all."""
    count: Count | None = None
    """Alternatives, in the table of models to ask."""
    share: Share | None = None
    """Share of prompts that a generator obeys, in the table of ideal generators."""
    part: str | None = None
    """The corpus or data, in the table of sample sizes; the generator, in that of ideal ones."""
    quantity: Quantity | None = None
    published: str | None = None
    """The column of the printed table, where it is called otherwise."""
    direction: Direction | None = None
    """Which is better, where not as in the rest of the table."""


@settings
class Specification:
    """A table or a figure of the paper."""

    kind: Kind
    number: int
    title: str
    section: str
    measure: str
    """How it is measured: a row of `benchmark.paper.making.TABLES` or `FIGURES`."""
    unit: str = ""
    digits: int = 2
    published: str | None = None
    """The file of `configs/published/` with what the paper printed."""
    words: tuple[str, ...] = ()
    """What every run of it is, as on the command line."""
    rows: dict[str, Row] = field(default_factory=dict)
    columns: dict[str, Column] = field(default_factory=dict)
    compares: bool = True
    """Whether rows of a column compete, so that one of them leads."""
    reads_prompts: bool = False
    """Whether it means something only with a model that reads the words of a question."""
    note: str = ""

    @property
    def name(self) -> str:
        """What its files are called."""
        return f"{self.kind}_{self.number}"

    @property
    def heading(self) -> str:
        """What people call it."""
        return f"{self.kind.capitalize()} {self.number}"


def numbers(kind: Kind) -> tuple[int, ...]:
    """The tables or figures that can be made, ascending."""
    return tuple(sorted(int(path.stem) for path in (config_folder() / kind).glob("*.yaml")))


def listed(found: Sequence[int]) -> str:
    """Numbers for people, runs of them joined.

    >>> listed([6, 7, 8, 10, 12, 13])
    '6–8, 10, 12–13'
    """
    spans: list[list[int]] = []
    for number in found:
        if spans and number == spans[-1][-1] + 1:
            spans[-1].append(number)
        else:
            spans.append([number])
    return ", ".join(f"{span[0]}–{span[-1]}" if len(span) > 1 else str(span[0]) for span in spans)


def specification(kind: Kind, number: str | int) -> Specification:
    """What a table or figure of this number is made of.

    Raises:
        InvalidInputError: There is none, or its file does not fit.
    """
    known = numbers(kind)
    if not str(number).isdecimal() or int(number) not in known:
        near = get_close_matches(str(number), [str(each) for each in known], n=1, cutoff=0.5)
        raise InvalidInputError(
            f"There is no {kind} {number}; {kind}s: {listed(known)}."
            + (f" Did you mean {kind} {near[0]}?" if near and not str(number).isdecimal() else "")
        )
    path = config_folder() / kind / f"{int(number)}.yaml"
    return _checked(path, {**values_in(path), "kind": kind, "number": int(number)})


def everything() -> tuple[Specification, ...]:
    """All tables, then all figures."""
    return tuple(specification(kind, number) for kind in ("table", "figure") for number in numbers(kind))


def _checked(path: Path, values: Mapping[str, Any]) -> Specification:
    given = dict(values)
    if isinstance(shared := given.get("rows"), list):
        files = [config_folder() / "rows" / f"{name}.yaml" for name in shared]
        given["rows"] = {label: row for file in files for label, row in values_in(file).items()}
    try:
        return TypeAdapter(Specification).validate_python(given)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise InvalidInputError(
            f"`{place}` of {str(path)!r} must fit a table or figure: {first['msg']}. Got {first['input']!r}. "
            "Correct the file."
        ) from error
