"""Whether an explainer's strongest claim stays when something else changes: captioner, encoder, seed or prompts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from rich.table import Table

from benchmark.record.records import GroupRecord, TrialRecord
from benchmark.score.claims import parts_of
from benchmark.show.score_table import plain_cell, titled_table
from finexl.errors import InvalidInputError

Model = tuple[str, tuple[str, ...], tuple[int, ...], tuple[tuple[str, int], ...]]
"""A personalized model by what was done to it, whatever its seed: scenario, aspects, levels, and those unasked."""
Strongest = tuple[str, int] | None
"""The foremost aspect of the strongest claim and its sign; ("", 0) of silence, None of what cannot be read."""
SILENCE = ("", 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How one run agrees with the first about what changed most, explainer by explainer."""

    explainer: str
    run: Path
    n_models: int
    """That both runs explained."""
    same: float
    """Share of these models whose strongest claim names the same aspect with the same sign; two silences agree."""
    n_silent: tuple[int, int]
    """Models about which the first and this run say nothing."""


def agreements(runs: Mapping[Path, Sequence[GroupRecord]]) -> list[Agreement]:
    """Every run beside the first, for each explainer that both have.

    Models are the same where the same was done to them; of several such (seeds) the first counts.

    Raises:
        InvalidInputError: There are fewer than two runs, or one shares no model of any explainer with the first.
    """
    if len(runs) < 2:
        raise InvalidInputError(
            f"`agree` needs two finished runs or more, to compare all with the first. Got {len(runs)}."
        )
    (first, *others) = ((folder, _strongest(records)) for folder, records in runs.items())
    found = list[Agreement]()
    for folder, said in others:
        shared = [name for name in first[1] if name in said and first[1][name].keys() & said[name].keys()]
        if not shared:
            raise InvalidInputError(
                f"Runs must have an explainer and models in common with the first. {str(folder)!r} has explainers "
                f"{', '.join(sorted(said))}; {str(first[0])!r} has {', '.join(sorted(first[1]))}. Run one scenario and "
                "preset with what shall differ, such as vlm=miniature_small, into another output=."
            )
        found += [_agreement(name, folder, first[1][name], said[name]) for name in shared]
    return sorted(found, key=lambda one: list(first[1]).index(one.explainer))


def _agreement(
    name: str, folder: Path, one: Mapping[Model, Strongest], other: Mapping[Model, Strongest]
) -> Agreement:
    models = [model for model in one if model in other]
    return Agreement(
        explainer=name,
        run=folder,
        n_models=len(models),
        same=fmean(one[model] is not None and one[model] == other[model] for model in models),
        n_silent=(
            sum(one[model] == SILENCE for model in models),
            sum(other[model] == SILENCE for model in models),
        ),
    )


def _strongest(records: Sequence[GroupRecord]) -> dict[str, dict[Model, Strongest]]:
    found: dict[str, dict[Model, Strongest]] = {}
    for record in records:
        for trial in record.trials:
            model = (record.scenario, record.aspects, trial.truth, tuple(sorted(trial.unasked.items())))
            found.setdefault(record.explainer, {}).setdefault(model, strongest(trial))
    return found


def strongest(trial: TrialRecord) -> Strongest:
    """What the first claim of a reading is about: its largest part, by name where several are as large."""
    if trial.reading is None:
        return None
    claims = [claim for claim in trial.read_claims if claim.amount]
    if not claims:
        return SILENCE
    name, sign, _ = min(parts_of(claims[0]), key=lambda part: (-part[2], part[0]))
    return name, sign


def agreement_table(found: Sequence[Agreement], first: Path) -> Iterator[Table]:
    """A row for every run and explainer."""
    table = titled_table(f"The strongest claim names what it does in {first}")
    table.add_column("explainer", no_wrap=True)
    table.add_column("run", overflow="fold")
    for head in ("models", "same ↑", "silent there", "silent here"):
        table.add_column(head, justify="right")
    for one in found:
        silent = map(str, one.n_silent)
        table.add_row(plain_cell(one.explainer), str(one.run), str(one.n_models), f"{one.same:.2f}", *silent)
    yield table
