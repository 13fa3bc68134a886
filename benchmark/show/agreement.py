"""Whether an explainer's strongest claim stays when something else changes: captioner, encoder, seed or prompts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, product
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING

from rich.table import Table

from benchmark.record.records import GroupRecord, TrialRecord
from benchmark.score.claims import parts_of
from benchmark.show.score_table import number, plain_cell, titled_table
from finexl.errors import InvalidInputError

if TYPE_CHECKING:
    from benchmark.show.report import FinishedRun

Model = tuple[str, tuple[str, ...], tuple[int, ...], tuple[tuple[str, int], ...], int]
"""A personalized model by what was done to it: scenario, aspects, levels, those unasked, and which of such it is."""
Strongest = frozenset[tuple[str, int]] | None
"""The foremost aspects of the strongest claims with their signs; none of silence, None of what cannot be read."""
SILENCE: Strongest = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How one run agrees with the first about what changed most, explainer by explainer."""

    explainer: str
    run: Path
    n_models: int
    """That both runs explained."""
    same: float | None
    """Of the models of which either run says something, the share whose strongest claims share an aspect with its sign;
    None where both are silent of all."""
    n_silent: tuple[int, int]
    """Models about which the first and this run say nothing."""


def agreements(runs: Mapping[Path, Sequence[GroupRecord]]) -> list[Agreement]:
    """Every run beside the first, for each explainer that both have.

    Models are the same where the same was done to them; of several such (seeds) each in its turn.

    Raises:
        InvalidInputError: There are fewer than two runs, or one shares no model of any explainer with the first.
    """
    if len(runs) < 2:
        raise InvalidInputError(
            "`agree` needs two finished runs or more, to compare all with the first, each folder once. "
            f"Got {len(runs)}: {', '.join(map(str, runs)) or 'none'}."
        )
    (first, *others) = ((folder, _strongest(records)) for folder, records in runs.items())
    found = list[Agreement]()
    for folder, said in others:
        shared = [name for name in first[1] if name in said and first[1][name].keys() & said[name].keys()]
        if not shared:
            raise InvalidInputError(
                f"Runs must have an explainer and models in common with the first. {str(folder)!r} is of "
                f"{_told(said)}; {str(first[0])!r} is of {_told(first[1])}. Run one scenario and preset with what "
                "shall differ, such as vlm=miniature_small, into another output=."
            )
        found += [_agreement(name, folder, first[1][name], said[name]) for name in shared]
    return sorted(found, key=lambda one: list(first[1]).index(one.explainer))


def check_same_models(runs: Mapping[Path, "FinishedRun"]) -> None:
    """See that the same was done to the same models: that all runs are of one corpus and one base generator.

    Raises:
        InvalidInputError: A run is of another corpus or generator than the first.
    """
    for (folder, of_this), part in product(runs.items(), ("corpus", "generator")):
        first, of_first = next(iter(runs.items()))
        if of_this.provenance.get(part) == of_first.provenance.get(part):
            continue
        here, there = (run.settings[part]["name"] for run in (of_this, of_first))
        again = f"Run it again with {part}={there}" if here != there else "Run both again with this version"
        raise InvalidInputError(
            f"Runs must be of one {part}, so that the same was done to the same models. {str(folder)!r} is of "
            f"{_part(of_this, part)}, {str(first)!r} of {_part(of_first, part)}. {again}."
        )


def _part(run: "FinishedRun", part: str) -> str:
    """A part of a run by its name and by what tells it from others of that name."""
    return f"{part}={run.settings[part]['name']} ({run.provenance.get(part, 'of an earlier version')})"


def _agreement(
    name: str, folder: Path, one: Mapping[Model, Strongest], other: Mapping[Model, Strongest]
) -> Agreement:
    models = [model for model in one if model in other]
    spoken = [
        (one[model], other[model]) for model in models if one[model] != SILENCE or other[model] != SILENCE
    ]
    return Agreement(
        explainer=name,
        run=folder,
        n_models=len(models),
        same=fmean(bool(there and here and there & here) for there, here in spoken) if spoken else None,
        n_silent=(
            sum(one[model] == SILENCE for model in models),
            sum(other[model] == SILENCE for model in models),
        ),
    )


def _strongest(records: Sequence[GroupRecord]) -> dict[str, dict[Model, Strongest]]:
    found: dict[str, dict[Model, Strongest]] = {}
    for record in sorted(records, key=lambda one: one.group):  # so that seeds come in their order
        of_one = found.setdefault(record.explainer, {})
        for trial in record.trials:
            done = (record.scenario, record.aspects, trial.truth, tuple(sorted(trial.unasked.items())))
            turn = next(n for n in count() if (*done, n) not in of_one)
            of_one[*done, turn] = strongest(trial)
    return found


def _told(said: Mapping[str, Mapping[Model, Strongest]]) -> str:
    scenarios = {model[0] for models in said.values() for model in models}
    return f"{', '.join(sorted(scenarios)) or 'no scenario'} by {', '.join(sorted(said)) or 'no explainer'}"


def strongest(trial: TrialRecord) -> Strongest:
    """What the claims of the largest amount are about, each by its largest part; of a text the first claim alone."""
    if trial.reading is None:
        return None
    claims = [claim for claim in trial.read_claims if claim.amount]
    if not claims:
        return SILENCE
    most = max(abs(claim.amount) for claim in claims)
    first = claims[:1] if trial.kind == "text" else [claim for claim in claims if abs(claim.amount) == most]
    return frozenset(min(parts_of(one), key=lambda part: (-part[2], part[0]))[:2] for one in first)


def agreement_table(found: Sequence[Agreement], first: Path) -> Iterator[Table]:
    """A row for every run and explainer."""
    table = titled_table(f"The strongest claim names what it does in {first}")
    table.add_column("explainer", no_wrap=True)
    table.add_column("run", overflow="fold")
    for head in ("models", "same ↑", "silent: first", "this"):
        table.add_column(head, justify="right")
    for one in found:
        silent = map(str, one.n_silent)
        table.add_row(
            plain_cell(one.explainer), plain_cell(str(one.run)), str(one.n_models), number(one.same), *silent
        )
    yield table
