"""From records to scores: one row per explainer and scenario, with interval, chance and what was unreadable.

The unit of inference is the series for RankMAE (bootstrap over series) and the selection trial for
SelectionAccuracy (Wilson). Scores are recomputed from records alone, so that a change of a metric needs no
new explanations.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pkgutil import resolve_name
from statistics import fmean
from typing import TYPE_CHECKING, Any, Literal

from benchmark.record.records import GroupRecord
from benchmark.score.kendall_tau import kendall_tau_b
from benchmark.score.scoring import Scoring
from benchmark.score.statistics import bootstrap_mean, wilson

if TYPE_CHECKING:
    from benchmark.score.row_metric import GroupMetric

_COSTS = ("seconds", "vlm_calls")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreRow:
    """How right one explainer was in one scenario."""

    scenario: str
    explainer: str
    metric: str
    direction: Literal["lower", "higher"]
    value: float
    low: float | None
    """95% interval; None where a single series says nothing about spread."""
    high: float | None
    chance: float
    """Expected score of answers without information."""
    n: int
    """Independent units: series, selection trials, or ordered pairs of versions."""
    n_groups: int
    n_certified: int
    certified_value: float | None
    """The score over certified groups alone; None if there are none."""
    n_models: int
    n_unreadable: int
    outcomes: tuple[tuple[str, int], ...]
    """How the models' explanations were read, in alphabetical order."""
    naming_accuracy: float | None
    """Share of explanations whose words name the true aspect first; None where several aspects are true."""
    tau: float | None
    """Kendall's τ-b, mean over the series where it is defined; None where there is none."""
    seconds: float
    vlm_calls: int

    def without_cost(self) -> dict[str, Any]:
        """The part that the same seed repeats."""
        row = {name: value for name, value in asdict(self).items() if name not in _COSTS}
        return {**row, "outcomes": dict(self.outcomes)}


def score_rows(
    records: Sequence[GroupRecord], *, scorings: Mapping[str, Scoring], seed: int
) -> tuple[ScoreRow, ...]:
    """Rows by scenario, explainers in the order of their first record; no row where no truth is known.

    `scorings` says how each scenario is scored, and in which order they come.
    """
    explainers = dict.fromkeys(record.explainer for record in records)
    cells = [
        (scoring, [one for one in records if (one.scenario, one.explainer) == (scenario, explainer)])
        for scenario, scoring in scorings.items()
        for explainer in explainers
    ]
    return tuple(row for scoring, cell in cells if cell and (row := _row(cell, scoring, seed)) is not None)


def group_score(record: GroupRecord, scoring: Scoring) -> float | None:
    """The score of one explainer on one group; None where no truth is known."""
    metric = _metric(record, scoring)
    return None if metric is None else float(metric.compute())


def best_first(rows: Sequence[ScoreRow]) -> list[ScoreRow]:
    """Rows of one scenario, the best score first; equal scores keep their order."""
    return sorted(rows, key=lambda row: row.value if row.direction == "lower" else -row.value)


def _metric(record: GroupRecord, scoring: Scoring) -> "GroupMetric | None":
    """The metric of a scenario with the models of one group; None where no truth is known."""
    metric: GroupMetric = resolve_name(scoring.metric)(len(record.trials))
    metric.update_group([trial.truth for trial in record.trials], [trial.reading for trial in record.trials])
    return metric if any(metric.units()) else None


def _row(records: Sequence[GroupRecord], scoring: Scoring, seed: int) -> ScoreRow | None:
    # a metric for each group: groups of one scenario may differ in size, and with it in chance
    found = [(record, metric) for record in records if (metric := _metric(record, scoring)) is not None]
    if not found:
        return None
    values = [float(metric.compute()) for _, metric in found]
    certified = [value for value, (record, _) in zip(values, found, strict=True) if record.certified]
    units = [unit for _, metric in found for group in metric.units() for unit in group]
    interval = (
        bootstrap_mean(units, seed=seed)
        if scoring.is_ladder
        else wilson(min(sum(units), len(units)), len(units))
    )
    facts = found[0][1].facts
    trials = [trial for record in records for trial in record.trials]
    return ScoreRow(
        scenario=records[0].scenario,
        explainer=records[0].explainer,
        metric=facts.name,
        direction=facts.direction.value,
        value=fmean(values),
        low=interval.low if interval else None,
        high=interval.high if interval else None,
        chance=fmean(metric.chance() for _, metric in found),
        n=len(units),
        n_groups=len(records),
        n_certified=sum(record.certified for record in records),
        certified_value=fmean(certified) if certified else None,
        n_models=len(trials),
        n_unreadable=sum(trial.reading is None for trial in trials),
        outcomes=tuple(sorted(Counter(trial.outcome for trial in trials).items())),
        naming_accuracy=_naming(records) if scoring.is_ladder else None,
        tau=_tau(records) if scoring.is_ladder else None,
        seconds=sum(record.cost.seconds for record in records),
        vlm_calls=sum(record.cost.vlm_calls for record in records),
    )


def _naming(records: Sequence[GroupRecord]) -> float:
    from benchmark.score.naming_accuracy import (
        NamingAccuracy,  # late, like the metrics of scorings: needs torch
    )

    pairs = [(trial.named, record.aspects[0]) for record in records for trial in record.trials]
    metric = NamingAccuracy(len({true for _, true in pairs}))
    metric.update_names([named for named, _ in pairs], [true for _, true in pairs])
    return float(metric.compute())


def _tau(records: Sequence[GroupRecord]) -> float | None:
    taus = [
        kendall_tau_b(
            [None if trial.reading is None else trial.reading[0] for trial in record.trials],
            [trial.truth[0] for trial in record.trials],
        )
        for record in records
    ]
    defined = [tau for tau in taus if tau is not None]
    return fmean(defined) if defined else None
