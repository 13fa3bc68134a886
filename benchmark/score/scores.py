"""From records to scores: one row per explainer and scenario, with interval, chance and what was unreadable.

The unit of inference is the series for RankMAE (bootstrap over series) and the selection trial for
SelectionAccuracy (Wilson). Scores are recomputed from records alone, so that a change of a metric needs no
new explanations.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean
from typing import Any, Literal

from benchmark.record.records import GroupRecord
from benchmark.score.metrics import (
    MetricFacts,
    kendall_tau_b,
    naming_accuracy,
    ordering_credits,
    ordering_facts,
    rank_mae,
    rank_mae_facts,
    selection_credits,
    selection_facts,
)
from benchmark.score.statistics import Interval, bootstrap_mean, wilson

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Scoring:
    """How a scenario is scored."""

    facts: Callable[[int], MetricFacts]
    """From the number of models in a group."""
    of_group: Callable[[GroupRecord], float]
    interval: Callable[[Sequence[GroupRecord], int], Interval | None]
    n: Callable[[Sequence[GroupRecord]], int]
    is_ladder: bool


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
    return tuple(_row(cell, scoring, seed) for scoring, cell in cells if cell and scoring.n(cell))


def group_score(record: GroupRecord, scoring: Scoring) -> float | None:
    """The score of one explainer on one group; None where no truth is known."""
    return scoring.of_group(record) if scoring.n([record]) else None


def best_first(rows: Sequence[ScoreRow]) -> list[ScoreRow]:
    """Rows of one scenario, the best score first; equal scores keep their order."""
    return sorted(rows, key=lambda row: row.value if row.direction == "lower" else -row.value)


def _row(records: Sequence[GroupRecord], scoring: Scoring, seed: int) -> ScoreRow:
    first = records[0]
    facts = [scoring.facts(len(record.trials)) for record in records]
    interval = scoring.interval(records, seed)
    trials = [trial for record in records for trial in record.trials]
    certified = [record for record in records if record.certified]
    return ScoreRow(
        scenario=first.scenario,
        explainer=first.explainer,
        metric=facts[0].name,
        direction=facts[0].direction.value,
        value=fmean(map(scoring.of_group, records)),
        low=interval.low if interval else None,
        high=interval.high if interval else None,
        chance=fmean(each.chance for each in facts),
        n=scoring.n(records),
        n_groups=len(records),
        n_certified=len(certified),
        certified_value=fmean(map(scoring.of_group, certified)) if certified else None,
        n_models=len(trials),
        n_unreadable=sum(trial.reading is None for trial in trials),
        outcomes=tuple(sorted(Counter(trial.outcome for trial in trials).items())),
        naming_accuracy=_naming(records) if scoring.is_ladder else None,
        tau=_tau(records) if scoring.is_ladder else None,
        seconds=sum(record.cost.seconds for record in records),
        vlm_calls=sum(record.cost.vlm_calls for record in records),
    )


def _rank_mae(record: GroupRecord) -> float:
    return rank_mae(_levels_read(record), [trial.truth[0] for trial in record.trials])


def _credits(record: GroupRecord) -> tuple[float, ...]:
    trials = record.trials
    return selection_credits([trial.reading for trial in trials], [trial.truth for trial in trials])


def _levels_read(record: GroupRecord) -> list[float | None]:
    return [None if trial.reading is None else trial.reading[0] for trial in record.trials]


def _over_series(records: Sequence[GroupRecord], seed: int) -> Interval | None:
    return bootstrap_mean([_rank_mae(record) for record in records], seed=seed)


def _orders(record: GroupRecord) -> tuple[float, ...]:
    trials = record.trials
    return ordering_credits([trial.reading for trial in trials], [trial.truth for trial in trials])


def _proportion(credits: Sequence[float]) -> Interval:
    return wilson(min(sum(credits), float(len(credits))), len(credits))


def _naming(records: Sequence[GroupRecord]) -> float:
    pairs = [(trial.named, record.aspects[0]) for record in records for trial in record.trials]
    return naming_accuracy([named for named, _ in pairs], [true for _, true in pairs])


def _tau(records: Sequence[GroupRecord]) -> float | None:
    taus = [
        kendall_tau_b(_levels_read(record), [trial.truth[0] for trial in record.trials]) for record in records
    ]
    defined = [tau for tau in taus if tau is not None]
    return fmean(defined) if defined else None


def _of_credits(
    facts: Callable[[int], MetricFacts], credits: Callable[[GroupRecord], tuple[float, ...]]
) -> Scoring:
    """A share of right answers, counted over all groups."""
    return Scoring(
        facts=facts,
        of_group=lambda record: fmean(credits(record)),
        interval=lambda records, _: _proportion([one for record in records for one in credits(record)]),
        n=lambda records: sum(len(credits(record)) for record in records),
        is_ladder=False,
    )


LADDER = Scoring(facts=rank_mae_facts, of_group=_rank_mae, interval=_over_series, n=len, is_ladder=True)
"""Levels of one aspect: how far the ranks that were read are from the true ones."""
SELECTION = _of_credits(selection_facts, _credits)
"""Mixtures: for each wish, whether the model that fits it best was picked."""
ORDERING = _of_credits(ordering_facts, _orders)
"""Pairs of models of which it is known which shows more of an aspect."""
